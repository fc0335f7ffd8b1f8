import * as z from 'zod';
import type { Model } from '../cloudformation/model.ts';
import { ManagedPolicy, Policy, Role } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import { allows, applies, type Statement, type Use } from './match.ts';

/** Managed policies of AWS that only allow what has no local meaning (writing logs, traces). */
const HARMLESS = [
  /\/service-role\/AWSLambdaBasicExecutionRole$/,
  /\/AWSXrayWriteOnlyAccess$/,
  /\/AWSXRayDaemonWriteAccess$/,
];

/** Condition keys whose value the recorder knows; another key stops the start by name. */
const CONDITION_KEYS = ['ses:FromAddress'];
const CONDITION_OPERATORS = ['StringEquals', 'StringLike', 'ArnLike', 'ArnEquals'];

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const Document = z.object({
  Statement: z.array(
    z.strictObject({
      Sid: z.string().optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Action: oneOrMore,
      Resource: oneOrMore,
      Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
    }),
  ),
});

/** The permissions that the templates give to each role. */
export class RolePolicies {
  readonly #byRole = new Map<string, Statement[]>();

  constructor(model: Model) {
    const managed = model.of('AWS::IAM::ManagedPolicy', ManagedPolicy);
    for (const role of model.of('AWS::IAM::Role', Role)) {
      this.#byRole.set(role.arn, []);
      for (const inline of role.properties.Policies) this.#add(role.arn, inline.PolicyDocument, role.where);
      for (const arn of role.properties.ManagedPolicyArns) {
        if (HARMLESS.some((pattern) => pattern.test(arn))) continue;
        const policy = managed.find((each) => each.arn === arn);
        if (policy === undefined) {
          throw new StartFailure(`${role.where}: the local runtime does not know the managed policy ${arn}.`);
        }
        this.#add(role.arn, policy.properties.PolicyDocument, policy.where);
      }
    }
    const attached = [...model.of('AWS::IAM::Policy', Policy), ...managed];
    for (const { where, properties } of attached) {
      for (const name of properties.Roles) this.#add(this.#arnOf(name, where), properties.PolicyDocument, where);
    }
  }

  /** The statements of a role, by its ARN. */
  of(roleArn: string): readonly Statement[] {
    return this.#byRole.get(roleArn) ?? [];
  }

  #arnOf(name: string, where: string): string {
    const arn = [...this.#byRole.keys()].find((each) => each.endsWith(`/${name}`));
    if (arn === undefined) throw new StartFailure(`${where}: there is no role ${name}.`);
    return arn;
  }

  #add(roleArn: string, document: unknown, where: string): void {
    this.#byRole.set(roleArn, [...this.of(roleArn), ...parseStatements(document, where)]);
  }
}

/** Reads a policy document; a field or condition beyond those that CDK's grants use stops the start. */
export function parseStatements(document: unknown, where: string): Statement[] {
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : (issue?.path.join('.') ?? '');
    throw new StartFailure(`${where}: the local runtime does not know ${field} in a policy statement.`);
  }
  return parsed.data.Statement.map(({ Effect, Action, Resource, Condition }) => ({
    effect: Effect,
    actions: Action,
    resources: Resource,
    ...(Condition === undefined ? {} : { conditions: conditionsOf(Condition, where) }),
  }));
}

function conditionsOf(condition: Record<string, Record<string, string[]>>, where: string): Record<string, string[]> {
  const known: Record<string, string[]> = {};
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, values] of Object.entries(keys)) {
      if (!CONDITION_OPERATORS.includes(operator) || !CONDITION_KEYS.includes(key)) {
        throw new StartFailure(`${where}: the local runtime does not know the policy condition ${operator} ${key}.`);
      }
      known[key] = values;
    }
  }
  return known;
}

/** A use of a permission by a function, state machine or schedule. */
export interface RecordedUse extends Use {
  readonly principal: string;
  readonly allowed: boolean;
}

/** What every principal did, each (principal, action, resource) once. */
export class UseRecorder {
  readonly #uses = new Map<string, RecordedUse>();

  note(use: RecordedUse): void {
    const key = `${use.principal} ${use.action} ${use.resource} ${use.allowed}`;
    if (!this.#uses.has(key)) this.#uses.set(key, use);
  }

  all(): RecordedUse[] {
    return [...this.#uses.values()];
  }

  /** Judges a use by a principal of the runtime itself (a state machine, a schedule), and records it. */
  judge(principal: string, statements: readonly Statement[], use: Use): boolean {
    const allowed = allows(statements, use);
    this.note({ principal, allowed, ...use });
    return allowed;
  }
}

/** A granted (action, resource) of a principal. */
export interface Grant {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

/** Each action and resource that statements allow, one by one. */
export function grantsOf(principal: string, statements: readonly Statement[]): Grant[] {
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ actions, resources }) =>
      actions.flatMap((action) => resources.map((resource) => ({ principal, action, resource }))),
    );
}

/** Grants that no recorded use needed: candidates for removal, or paths that no test walked. */
export function unusedGrants(grants: readonly Grant[], uses: readonly RecordedUse[]): Grant[] {
  return grants.filter(
    ({ principal, action, resource }) =>
      !uses.some(
        (use) =>
          use.principal === principal && applies({ effect: 'Allow', actions: [action], resources: [resource] }, use),
      ),
  );
}
