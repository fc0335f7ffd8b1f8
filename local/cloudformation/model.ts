import type * as z from 'zod';
import { StartFailure } from '../failure.ts';
import type { Stack, TemplateResource } from './assembly.ts';
import { Evaluator, isRecord } from './intrinsics.ts';
import {
  ACCOUNT,
  type Addresses,
  type Physical,
  arnOf,
  attributeOf,
  namingProperty,
  physicalName,
  refOf,
} from './names.ts';
import { IMPLEMENTED } from './schemas.ts';
import { WITHOUT_LOCAL_MEANING } from './without-local-meaning.ts';

/** A resource of the templates with its evaluated, checked properties. */
export interface Declared<Properties> extends Physical {
  readonly stack: string;
  readonly logicalId: string;
  /** `<stack>/<logicalId>`, as error sentences name it. */
  readonly where: string;
  readonly properties: Properties;
}

/** What the stacks are evaluated with. */
export interface ModelOptions {
  readonly region: string;
  readonly addresses: Addresses;
  /** Values for CloudFormation parameters; each is used where a template declares that parameter. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * All that the templates of an assembly declare, evaluated. Reading it checks everything: an unknown
 * resource type, property, intrinsic or reference is a {@link StartFailure} that names it.
 */
export class Model {
  readonly stacks: readonly Stack[];
  readonly region: string;
  readonly #options: ModelOptions;
  readonly #evaluators: ReadonlyMap<string, Evaluator>;
  readonly #declared = new Map<string, Declared<unknown>[]>();

  constructor(stacks: readonly Stack[], options: ModelOptions) {
    this.stacks = stacks;
    this.region = stacks.find((stack) => stack.region !== undefined)?.region ?? options.region;
    this.#options = options;
    this.#evaluators = new Map(stacks.map((stack) => [stack.name, new Evaluator(this.#scope(stack))]));
    for (const stack of stacks) this.#readStack(stack);
  }

  /** Every resource of one type. Pass the type's schema, which gives the properties their TypeScript type. */
  of<S extends z.ZodType>(type: keyof typeof IMPLEMENTED, schema: S): Declared<z.output<S>>[] {
    return (this.#declared.get(type) ?? []).map((each) => ({ ...each, properties: schema.parse(each.properties) }));
  }

  /** The values of one key of the templates' Metadata sections, one for each template that has it. */
  metadata(key: string): unknown[] {
    return this.stacks.flatMap((stack) => {
      const value = stack.template.Metadata?.[key];
      return value === undefined ? [] : [this.#evaluator(stack).value(value, `${stack.name}/Metadata.${key}`)];
    });
  }

  /** The value of the output of that name (a CDK output's logical id) in whichever stack has it. */
  output(name: string): unknown {
    for (const stack of this.stacks) {
      const output = stack.template.Outputs?.[name];
      if (output !== undefined) return this.#evaluator(stack).value(output.Value, `${stack.name}/Outputs.${name}`);
    }
    return undefined;
  }

  /** The path on disk of a file asset. */
  asset(objectKey: string, where: string): string {
    for (const { assets } of this.stacks) {
      const path = assets.get(objectKey);
      if (path !== undefined) return path;
    }
    throw new StartFailure(`${where}: the assembly holds no asset ${objectKey}.`);
  }

  #evaluator(stack: Stack): Evaluator {
    const evaluator = this.#evaluators.get(stack.name);
    if (evaluator === undefined) throw new Error(`no evaluator for ${stack.name}`);
    return evaluator;
  }

  #scope(stack: Stack): ConstructorParameters<typeof Evaluator>[0] {
    const { template } = stack;
    return {
      parameter: (name) => this.#parameter(stack, name),
      ref: (logicalId) => {
        const resource = template.Resources[logicalId];
        if (resource === undefined) return undefined;
        const lambdaRef = this.#functionReference(stack, logicalId, resource);
        return lambdaRef ?? refOf(resource.Type, this.#physical(stack, logicalId, resource), this.#options.addresses);
      },
      attribute: (logicalId, attribute, where) => {
        const resource = template.Resources[logicalId];
        if (resource === undefined)
          throw new StartFailure(`${where}: Fn::GetAtt names ${logicalId}, which is no resource.`);
        const physical = this.#physical(stack, logicalId, resource);
        return attributeOf(resource.Type, attribute, physical, this.#options.addresses, where);
      },
      imported: (name, where) => this.#imported(name, where),
      condition: (name) => template.Conditions?.[name],
      mapping: (map, top, second) => template.Mappings?.[map]?.[top]?.[second],
    };
  }

  #parameter(stack: Stack, name: string): unknown {
    switch (name) {
      case 'AWS::Region':
        return this.region;
      case 'AWS::AccountId':
        return ACCOUNT;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stack.name;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${this.region}:${ACCOUNT}:stack/${stack.name}/local`;
      default: {
        const declared = stack.template.Parameters?.[name];
        return declared === undefined ? undefined : (this.#options.parameters[name] ?? declared.Default);
      }
    }
  }

  /** `Ref` of a version or alias is the function's ARN with a qualifier. */
  #functionReference(stack: Stack, logicalId: string, resource: TemplateResource): string | undefined {
    if (resource.Type !== 'AWS::Lambda::Version' && resource.Type !== 'AWS::Lambda::Alias') return undefined;
    const where = `${stack.name}/${logicalId}`;
    const evaluator = this.#evaluator(stack);
    const name = String(evaluator.value(resource.Properties?.['FunctionName'], where));
    const arn = name.startsWith('arn:') ? name : arnOf('AWS::Lambda::Function', name, this.region);
    const alias = evaluator.value(resource.Properties?.['Name'], where);
    return `${arn}:${typeof alias === 'string' ? alias : '1'}`;
  }

  #physical(stack: Stack, logicalId: string, resource: TemplateResource): Physical {
    const property = namingProperty(resource.Type);
    const explicit =
      property === undefined
        ? undefined
        : this.#evaluator(stack).value(resource.Properties?.[property], `${stack.name}/${logicalId}.${property}`);
    const name = physicalName(resource.Type, stack.name, logicalId, explicit);
    return { name, arn: arnOf(resource.Type, name, this.region) };
  }

  #imported(exportName: string, where: string): unknown {
    for (const stack of this.stacks) {
      const evaluator = this.#evaluator(stack);
      for (const [id, output] of Object.entries(stack.template.Outputs ?? {})) {
        const at = `${stack.name}/Outputs.${id}`;
        if (output.Export !== undefined && evaluator.value(output.Export.Name, at) === exportName) {
          return evaluator.value(output.Value, at);
        }
      }
    }
    throw new StartFailure(`${where}: no stack exports ${exportName}.`);
  }

  #readStack(stack: Stack): void {
    for (const [logicalId, resource] of Object.entries(stack.template.Resources)) {
      const where = `${stack.name}/${logicalId}`;
      if (resource.Type in WITHOUT_LOCAL_MEANING) continue;
      if (!isImplemented(resource.Type)) {
        throw new StartFailure(`${where}: the local runtime does not know the resource type ${resource.Type}.`);
      }
      const evaluator = this.#evaluator(stack);
      if (resource.Condition !== undefined && !evaluator.condition(resource.Condition, where)) continue;
      const evaluated = evaluator.value(resource.Properties ?? {}, where);
      checkProperties(resource.Type, evaluated, where);
      const declared = {
        ...this.#physical(stack, logicalId, resource),
        stack: stack.name,
        logicalId,
        where,
        properties: evaluated,
      };
      const others = this.#declared.get(resource.Type) ?? [];
      this.#declared.set(resource.Type, [...others, declared]);
    }
  }
}

function isImplemented(type: string): type is keyof typeof IMPLEMENTED {
  return type in IMPLEMENTED;
}

function checkProperties(type: keyof typeof IMPLEMENTED, properties: unknown, where: string): void {
  const parsed = IMPLEMENTED[type].safeParse(properties);
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const property = [...path, issue.keys[0] ?? ''].join('.');
    throw new StartFailure(`${where}: the local runtime does not know the property ${property} of ${type}.`);
  }
  const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), properties);
  throw new StartFailure(
    `${where}: the local runtime cannot do ${path.join('.')} = ${JSON.stringify(value)} of ${type} (${issue?.message ?? ''}).`,
  );
}
