import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Function as LambdaFunction,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsLogLevel,
  ParamsAndSecretsVersions,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type * as z from 'zod/mini';

import type { CodeOf } from '../bundling.ts';
import { makeLogGroup } from './log-group.ts';
import { secretName, type SecretId } from '../secrets.ts';
import type { Stage } from '../stages.ts';

/** Stands for the name of a secret in a function's environment, and for leave to read it. */
export interface SecretReference {
  readonly secret: SecretId;
}

/** What each variable of a function's schema is set to; leaving one out does not compile. */
export type Environment<Schema extends z.ZodMiniObject> = {
  readonly [Name in keyof z.infer<Schema>]: string | SecretReference;
};

/** What all functions of an app share. */
export interface FunctionDefaults {
  readonly stage: Stage;
  readonly codeOf: CodeOf;
}

/** Declaration of one function. */
export interface FunctionProps<Schema extends z.ZodMiniObject> {
  /** Handler file below `functions/`, such as `reservations/handlers/http-hold.ts`. */
  readonly entry: string;
  readonly description: string;
  /** The schema that the handler reads its environment with, from its context's contract. */
  readonly schema: Schema;
  readonly environment: Environment<Schema>;
  /** Whole seconds, as Lambda takes them. */
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** Executions set aside for this function, which are also the most it may have; 0 sets none aside. */
  readonly reservedConcurrency?: number;
}

/** The extension keeps no parameter: `secrets.ts` does, for a minute, and must be able to read one anew. */
const SECRETS_KEPT = Duration.seconds(0);

/**
 * A Lambda function with what each of ours needs: arm64, Node 24, a role and a log group of its own, and,
 * where it reads secrets, the Parameters-and-Secrets extension with leave to read exactly those.
 */
export class OnsaleFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly entry: string;
  /** Secrets that it may read. */
  readonly secrets: readonly SecretId[];
  readonly #allowed = new PolicyDocument();

  constructor(
    scope: Construct,
    id: string,
    { stage, codeOf }: FunctionDefaults,
    props: FunctionProps<z.ZodMiniObject>,
  ) {
    super(scope, id);
    const variables: [string, string | SecretReference][] = Object.entries(props.environment);
    this.entry = props.entry;
    this.secrets = [...new Set(variables.flatMap(([, value]) => (typeof value === 'string' ? [] : [value.secret])))];
    this.logGroup = makeLogGroup(this, 'Logs');
    // What it may do lies in its role: a policy of its own would be one more resource for each function (ADR 46).
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Allowed: this.#allowed },
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(props.entry),
      role,
      logGroup: this.logGroup,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMiB,
      environment: Object.fromEntries(
        variables.map(([name, value]) => [
          name,
          typeof value === 'string' ? value : secretName(stage.name, value.secret),
        ]),
      ),
      ...(props.reservedConcurrency ? { reservedConcurrentExecutions: props.reservedConcurrency } : {}),
      ...(this.secrets.length === 0
        ? {}
        : {
            paramsAndSecrets: ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103, {
              parameterStoreTtl: SECRETS_KEPT,
              logLevel: ParamsAndSecretsLogLevel.WARN,
            }),
          }),
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    if (this.secrets.length > 0) {
      // No kms:Decrypt: SecureStrings lie under aws/ssm, whose own policy lets SSM decrypt for their readers.
      this.allow(
        ['ssm:GetParameter'],
        this.secrets.map((secret) => parameterArn(this, secretName(stage.name, secret))),
      );
    }
  }

  /** Lets the function do exactly `actions` to exactly `resources` (ARNs). */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.#allowed.addStatements(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}

/** Declares a function; the compiler holds `environment` against `schema`. */
export function declareFunction<Schema extends z.ZodMiniObject>(
  scope: Construct,
  id: string,
  defaults: FunctionDefaults,
  props: FunctionProps<Schema>,
): OnsaleFunction {
  return new OnsaleFunction(scope, id, defaults, props);
}

function parameterArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
}
