import type * as z from 'zod';
import { isRecord } from '../cloudformation/intrinsics.ts';
import type { Declared } from '../cloudformation/model.ts';
import type { EventSourceMapping } from '../cloudformation/schemas.ts';
import type { FunctionPool, InvocationResult } from '../lambda/pool.ts';

/** An event source mapping with the function that it invokes. */
export interface Mapping {
  readonly declared: Declared<z.output<typeof EventSourceMapping>>;
  readonly pool: FunctionPool;
  readonly patterns: readonly unknown[];
}

/** A running reader of a queue or stream. */
export interface Poller {
  readonly name: string;
  /** Whether it has a batch in hand. */
  readonly busy: boolean;
  /** Resolves after the source has been found empty by a look that began after this call. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** What a batch's invocation means for its records. */
export type BatchOutcome =
  | { readonly kind: 'done' }
  /** The whole batch failed. */
  | { readonly kind: 'failed'; readonly result: InvocationResult }
  /** Some records failed, by their identifiers. */
  | { readonly kind: 'partly'; readonly failures: ReadonlySet<string> };

/**
 * Reads the answer of a function to a batch as Lambda does. With `ReportBatchItemFailures` an empty or
 * missing list is success, and an identifier that is empty or not in the batch fails the whole batch.
 */
export function batchOutcome(mapping: Mapping, result: InvocationResult, identifiers: readonly string[]): BatchOutcome {
  if (result.outcome !== 'success') return { kind: 'failed', result };
  if (mapping.declared.properties.FunctionResponseTypes.length === 0) return { kind: 'done' };
  const answer: unknown = JSON.parse(result.payload);
  const failures = isRecord(answer) ? answer['batchItemFailures'] : undefined;
  if (failures === undefined || failures === null) return { kind: 'done' };
  if (!Array.isArray(failures)) return { kind: 'failed', result };
  const failed = failures.map((each: unknown) => (isRecord(each) ? each['itemIdentifier'] : undefined));
  if (failed.length === 0) return { kind: 'done' };
  const known = failed.filter((each): each is string => typeof each === 'string' && identifiers.includes(each));
  return known.length === failed.length ? { kind: 'partly', failures: new Set(known) } : { kind: 'failed', result };
}
