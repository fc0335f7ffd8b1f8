import { StartFailure } from '../failure.ts';

/** What the evaluator needs to know about the world around a template. */
export interface Scope {
  /** Values of parameters and pseudo parameters (`AWS::Region`, …); undefined when there is none such. */
  parameter(name: string): unknown;
  /** What `Ref` gives for a resource; undefined when the template has no such resource. */
  ref(logicalId: string): unknown;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, attribute: string, where: string): unknown;
  /** The value exported under a name by any stack. */
  imported(exportName: string, where: string): unknown;
  /** The unevaluated condition of that name. */
  condition(name: string): unknown;
  mapping(map: string, top: string, second: string): unknown;
}

type Intrinsic = (argument: unknown, where: string) => unknown;

/**
 * Evaluates CloudFormation's intrinsic functions.
 *
 * `where` is the place in the template that error sentences name, like
 * `OnsaleApp/HoldFunction1234.Environment`. Each unknown function, reference or dynamic reference is a
 * {@link StartFailure}: a template must never run here with a value that AWS would not give it.
 */
export class Evaluator {
  readonly #scope: Scope;
  readonly #intrinsics: ReadonlyMap<string, Intrinsic>;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#intrinsics = new Map<string, Intrinsic>([
      ['Ref', (a, w) => this.#reference(text(a, w), w)],
      ['Fn::GetAtt', (a, w) => this.#getAtt(a, w)],
      ['Fn::Join', (a, w) => this.#join(a, w)],
      ['Fn::Sub', (a, w) => this.#sub(a, w)],
      ['Fn::Select', (a, w) => this.#select(a, w)],
      ['Fn::Split', (a, w) => this.#split(a, w)],
      ['Fn::FindInMap', (a, w) => this.#findInMap(a, w)],
      ['Fn::ImportValue', (a, w) => scope.imported(text(this.value(a, w), w), w)],
      ['Fn::Base64', (a, w) => Buffer.from(text(this.value(a, w), w)).toString('base64')],
      ['Fn::If', (a, w) => this.#if(a, w)],
      ['Fn::Equals', (a, w) => this.#equals(a, w)],
      ['Fn::Not', (a, w) => !this.#truth(list(a, w)[0], w)],
      ['Fn::And', (a, w) => list(a, w).every((each) => this.#truth(each, w))],
      ['Fn::Or', (a, w) => list(a, w).some((each) => this.#truth(each, w))],
      ['Condition', (a, w) => this.condition(text(a, w), w)],
    ]);
  }

  /** The value of any template node; `AWS::NoValue` is undefined and leaves its list or object. */
  value(node: unknown, where: string): unknown {
    if (typeof node === 'string') return refuseDynamicReference(node, where);
    if (Array.isArray(node)) {
      return node.map((each) => this.value(each, where)).filter((each) => each !== undefined);
    }
    if (!isRecord(node)) return node;
    const entries = Object.entries(node);
    const [only] = entries;
    if (only !== undefined && entries.length === 1 && looksIntrinsic(only)) {
      const intrinsic = this.#intrinsics.get(only[0]);
      if (intrinsic === undefined) {
        throw new StartFailure(`${where}: the local runtime does not know the intrinsic ${only[0]}.`);
      }
      return intrinsic(only[1], where);
    }
    return Object.fromEntries(
      entries
        .map(([key, each]): [string, unknown] => [key, this.value(each, `${where}.${key}`)])
        .filter(([, each]) => each !== undefined),
    );
  }

  /** Whether a named condition of the template holds. */
  condition(name: string, where: string): boolean {
    const node = this.#scope.condition(name);
    if (node === undefined) throw new StartFailure(`${where}: there is no condition ${name}.`);
    return this.#truth(node, where);
  }

  #reference(name: string, where: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    const value = this.#scope.parameter(name) ?? this.#scope.ref(name);
    if (value === undefined) {
      throw new StartFailure(`${where}: Ref names ${name}, which is neither a parameter with a value nor a resource.`);
    }
    return value;
  }

  #getAtt(argument: unknown, where: string): unknown {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument, where);
    return this.#scope.attribute(text(logicalId, where), attribute.map((part) => text(part, where)).join('.'), where);
  }

  #join(argument: unknown, where: string): string {
    const [delimiter, parts] = list(argument, where);
    return list(this.value(parts, where), where)
      .map((part) => text(part, where))
      .join(text(delimiter, where));
  }

  #sub(argument: unknown, where: string): string {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = isRecord(variables) ? variables : {};
    return text(template, where).replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (name in own) return text(this.value(own[name], where), where);
      const value = name.includes('.') ? this.#getAtt(name, where) : this.#reference(name, where);
      return value === undefined ? whole : text(value, where);
    });
  }

  #select(argument: unknown, where: string): unknown {
    const [index, of] = list(argument, where);
    const values = list(this.value(of, where), where);
    const value = values[Number(this.value(index, where))];
    if (value === undefined) throw new StartFailure(`${where}: Fn::Select ${String(index)} is outside of its list.`);
    return value;
  }

  #split(argument: unknown, where: string): string[] {
    const [delimiter, source] = list(argument, where);
    return text(this.value(source, where), where).split(text(delimiter, where));
  }

  #findInMap(argument: unknown, where: string): unknown {
    const [map, top, second] = list(this.value(argument, where), where).map((part) => text(part, where));
    const value = this.#scope.mapping(map ?? '', top ?? '', second ?? '');
    if (value === undefined) throw new StartFailure(`${where}: Fn::FindInMap finds no ${map}.${top}.${second}.`);
    return value;
  }

  #if(argument: unknown, where: string): unknown {
    const [condition, then, otherwise] = list(argument, where);
    return this.value(this.condition(text(condition, where), where) ? then : otherwise, where);
  }

  #equals(argument: unknown, where: string): boolean {
    const [left, right] = list(argument, where).map((side) => this.value(side, where));
    return String(left) === String(right);
  }

  #truth(node: unknown, where: string): boolean {
    const value = this.value(node, where);
    return value === true || value === 'true';
  }
}

function looksIntrinsic([key, argument]: [string, unknown]): boolean {
  if (key === 'Condition') return typeof argument === 'string';
  return key === 'Ref' || key.startsWith('Fn::');
}

function refuseDynamicReference(value: string, where: string): string {
  if (value.includes('{{resolve:')) {
    throw new StartFailure(`${where}: the local runtime does not know the dynamic reference ${value}.`);
  }
  return value;
}

/** Whether a value is a plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new StartFailure(`${where}: expected a list, found ${JSON.stringify(value)}.`);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new StartFailure(`${where}: expected text, found ${JSON.stringify(value)}.`);
}
