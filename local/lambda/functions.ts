import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { Declared, Model } from '../cloudformation/model.ts';
import { ACCOUNT } from '../cloudformation/names.ts';
import { Alias, EventInvokeConfig, Function_, Key, KeyAlias } from '../cloudformation/schemas.ts';
import { StartFailure } from '../failure.ts';
import type { RolePolicies } from '../iam/policies.ts';
import { FunctionPool, type InvocationResult, type PoolLimits, type PoolObserver } from './pool.ts';

/** A function of the templates. */
export type DeclaredFunction = Declared<z.output<typeof Function_>>;

/** What every function's environment has besides its own variables. */
export interface FunctionSurroundings {
  /** `AWS_ENDPOINT_URL_*` and the port of the secrets extension. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: PoolLimits;
  readonly observer: PoolObserver;
  /** Delivers the record of an asynchronous invocation to a destination (a queue's or function's ARN). */
  deliver(destinationArn: string, record: string): Promise<void>;
}

/** Waits before the retries of an asynchronous invocation, as on AWS. */
const ASYNC_RETRY_MS = [60_000, 120_000];

/** All functions of the templates, by name and ARN. */
export class Functions {
  readonly #pools = new Map<string, FunctionPool>();
  readonly #roles = new Map<string, string>();
  readonly #tokens = new Map<string, string>();
  readonly #asyncRules = new Map<string, z.output<typeof EventInvokeConfig>>();
  readonly #surroundings: FunctionSurroundings;
  readonly #retries = new Set<NodeJS.Timeout>();

  constructor(model: Model, policies: RolePolicies, surroundings: FunctionSurroundings) {
    this.#surroundings = surroundings;
    const keyAliases = keyAliasesOf(model);
    for (const declared of model.of('AWS::Lambda::Function', Function_)) {
      const { name, arn, properties } = declared;
      const token = accessKey(`${name} session`);
      const data = {
        functionName: name,
        functionArn: arn,
        codeDirectory: model.asset(properties.Code.S3Key, declared.where),
        handler: properties.Handler,
        memoryMb: properties.MemorySize,
        logGroup: `/aws/lambda/${name}`,
        statements: policies.of(properties.Role),
        scope: { region: model.region, account: ACCOUNT, keyAliases },
      };
      const settings = {
        data,
        environment: environmentOf(declared, model.region, token, surroundings.environment),
        timeoutMs: properties.Timeout * 1_000,
        reserved: properties.ReservedConcurrentExecutions,
      };
      this.#pools.set(name, new FunctionPool(settings, surroundings.limits, surroundings.observer));
      this.#roles.set(name, properties.Role);
      this.#tokens.set(token, name);
    }
    for (const { properties } of model.of('AWS::Lambda::EventInvokeConfig', EventInvokeConfig)) {
      this.#asyncRules.set(nameIn(properties.FunctionName), properties);
    }
    for (const { where, properties } of model.of('AWS::Lambda::Alias', Alias)) {
      if (!this.#pools.has(nameIn(properties.FunctionName)))
        throw new StartFailure(`${where} names an unknown function.`);
    }
  }

  /** Every pool, for the control API. */
  all(): FunctionPool[] {
    return [...this.#pools.values()];
  }

  /** The pool of a function by name or ARN (with or without a qualifier). */
  find(nameOrArn: string): FunctionPool | undefined {
    return this.#pools.get(nameIn(nameOrArn));
  }

  /** As {@link find}, for references in templates: an unknown function stops the start by name. */
  require(nameOrArn: string, where: string): FunctionPool {
    const pool = this.find(nameOrArn);
    if (pool === undefined) throw new StartFailure(`${where}: there is no function ${nameOrArn}.`);
    return pool;
  }

  /** The role of a function, by the function's name. */
  roleOf(name: string): string {
    return this.#roles.get(name) ?? '';
  }

  /** The function whose `AWS_SESSION_TOKEN` this is. */
  byToken(token: string): string | undefined {
    return this.#tokens.get(token);
  }

  /**
   * Invokes asynchronously: retries twice on errors, after one and two minutes (or as the function's
   * EventInvokeConfig says), then delivers the failure to its destination. Resolves with the first result.
   */
  async invokeAsync(pool: FunctionPool, event: string, attempt = 0): Promise<InvocationResult> {
    const result = await pool.invoke(event);
    const rules = this.#asyncRules.get(pool.name);
    const retries = rules?.MaximumRetryAttempts ?? ASYNC_RETRY_MS.length;
    if (result.outcome === 'success') {
      await this.#tell(rules?.DestinationConfig?.OnSuccess?.Destination, pool, event, result, attempt);
    } else if (attempt < retries) {
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        void this.invokeAsync(pool, event, attempt + 1);
      }, ASYNC_RETRY_MS[attempt] ?? 0);
      this.#retries.add(timer);
    } else {
      await this.#tell(rules?.DestinationConfig?.OnFailure?.Destination, pool, event, result, attempt);
    }
    return result;
  }

  async close(): Promise<void> {
    for (const timer of this.#retries) clearTimeout(timer);
    await Promise.all(this.all().map((pool) => pool.close()));
  }

  async #tell(
    destination: string | undefined,
    pool: FunctionPool,
    event: string,
    result: InvocationResult,
    attempt: number,
  ): Promise<void> {
    if (destination === undefined) return;
    const record = {
      version: '1.0',
      timestamp: new Date().toISOString(),
      requestContext: {
        requestId: result.requestId,
        functionArn: pool.settings.data.functionArn,
        condition: result.outcome === 'success' ? 'Success' : 'RetriesExhausted',
        approximateInvokeCount: attempt + 1,
      },
      requestPayload: JSON.parse(event),
      responsePayload: result.outcome === 'throttled' ? null : JSON.parse(result.payload),
    };
    await this.#surroundings.deliver(destination, JSON.stringify(record));
  }
}

/** The function's name in a name, ARN or qualified ARN. */
export function nameIn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : (nameOrArn.split(':')[0] ?? '');
}

function keyAliasesOf(model: Model): Record<string, string> {
  const keys = model.of('AWS::KMS::Key', Key);
  return Object.fromEntries(
    model.of('AWS::KMS::Alias', KeyAlias).map(({ where, properties }) => {
      const key = keys.find(({ name, arn }) => name === properties.TargetKeyId || arn === properties.TargetKeyId);
      if (key === undefined) throw new StartFailure(`${where}: there is no key ${properties.TargetKeyId}.`);
      return [properties.AliasName, key.arn];
    }),
  );
}

/** An access key of the function's own: letters and digits, which is all that DynamoDB Local takes. */
function accessKey(seed: string): string {
  return `AKIA${createHash('sha256').update(seed).digest('hex').slice(0, 16).toUpperCase()}`;
}

function environmentOf(
  { name, properties }: DeclaredFunction,
  region: string,
  token: string,
  shared: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${properties.Runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    _HANDLER: properties.Handler,
    ...properties.Environment?.Variables,
    AWS_ACCESS_KEY_ID: accessKey(name),
    AWS_SECRET_ACCESS_KEY: accessKey(`${name} secret`),
    AWS_SESSION_TOKEN: token,
    ...shared,
  };
}
