import { PutCommand, DeleteCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type AttributeValue,
  type CancellationReason,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';

import { err, ok, type Result } from '../kernel/result.ts';
import type { Table } from './client.ts';
import { render, type RenderedWrite } from './render.ts';
import type { Write } from './writes.ts';

/** DynamoDB takes at most this many actions in one transaction. */
export const MOST_ACTIONS = 100;

/** Attempts under contention; with the pauses below the last one starts about 1.5 s after the first. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;
const NONE: ReadonlySet<number> = new Set();
const LONGEST_PAUSE_MS = 400;

/**
 * The store was busy for longer than we were willing to try: a conflict, a throttle or a timeout.
 * Nothing is known to have changed, and it never means sold out (invariant I21); clients see 503.
 */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}

/** Which write did not come about: its condition failed, and on what item; or its item was in other hands just then. */
interface Setback {
  readonly index: number;
  readonly found: Readonly<Record<string, unknown>> | undefined;
  readonly busy?: true;
}

/**
 * Commits `writes` atomically: all or none, each under its own condition.
 *
 * One write goes as a single-item request (half the price of a transaction); several as one transaction
 * whose token stays the same over the attempts of this call, so that a lost answer is not a second effect.
 * A `TransactionConflict` or throttle is retried with jitter and ends in {@link StoreBusyError}.
 *
 * @returns the error that the first failed condition means, or nothing of interest
 * @throws StoreBusyError when the store stays contended or does not answer
 */
export async function commit<E>(table: Table, writes: readonly Write<E>[]): Promise<Result<void, E>> {
  const failures = await commitReporting(table, writes);
  const [first] = failures;
  if (first === undefined) return ok(undefined);
  const write = writes[first.index];
  if (write === undefined) throw new Error(`DynamoDB named a write ${first.index} that was not sent`);
  return err(write.otherwise(first.found));
}

/**
 * As {@link commit}, but answers which of the writes failed their conditions (all of them, for a batch
 * that goes on without its offenders); an empty list means that everything was committed.
 *
 * @param movable indexes of writes that the caller would rather make on other items than wait for: where one of them
 *   meets another transaction or a hot partition, and it is sure that nothing was changed, that is told at once
 */
export async function commitReporting(
  table: Table,
  writes: readonly Write<unknown>[],
  movable: ReadonlySet<number> = NONE,
): Promise<readonly Setback[]> {
  if (writes.length === 0) return [];
  if (writes.length > MOST_ACTIONS) throw new Error(`${writes.length} writes do not fit one transaction`);
  const rendered = writes.map((write) => render(write, table.name));
  const token = randomUUID();
  let isSure = true;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send(table, rendered, token);
      return [];
    } catch (error) {
      const failures = failedConditions(error);
      if (failures.length > 0) return failures;
      if (!isTransient(error)) throw error;
      // Only a cancelled transaction says that it changed nothing; after any other answer the same is sent again.
      isSure &&= error instanceof TransactionCanceledException;
      const busy = isSure ? busyIn(error).filter((index) => movable.has(index)) : [];
      if (busy.length > 0) return busy.map((index) => ({ index, found: undefined, busy: true }));
      if (attempt === ATTEMPTS) throw new StoreBusyError('The store stayed busy', { cause: error });
      await pause(attempt);
    }
  }
}

async function send(table: Table, rendered: readonly RenderedWrite[], ClientRequestToken: string): Promise<void> {
  const [only] = rendered;
  if (rendered.length === 1 && only?.Put) await table.client.send(new PutCommand(only.Put));
  else if (rendered.length === 1 && only?.Update) await table.client.send(new UpdateCommand(only.Update));
  else if (rendered.length === 1 && only?.Delete) await table.client.send(new DeleteCommand(only.Delete));
  else await table.client.send(new TransactWriteCommand({ TransactItems: [...rendered], ClientRequestToken }));
}

function failedConditions(error: unknown): readonly Setback[] {
  if (error instanceof ConditionalCheckFailedException) return [{ index: 0, found: plain(error.Item) }];
  return reasonsOf(error).flatMap(({ Code, Item }, index) =>
    Code === 'ConditionalCheckFailed' ? [{ index, found: plain(Item) }] : [],
  );
}

/** The writes that a transaction was cancelled for without their conditions having been judged. */
function busyIn(error: unknown): readonly number[] {
  return reasonsOf(error).flatMap(({ Code = '' }, index) => (TRANSIENT_REASONS.has(Code) ? [index] : []));
}

function reasonsOf(error: unknown): readonly CancellationReason[] {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
}

/** The document client unmarshalls answers but not the items inside errors. */
function plain(item: Record<string, AttributeValue> | undefined): Readonly<Record<string, unknown>> | undefined {
  return item === undefined ? undefined : unmarshall(item);
}

const TRANSIENT = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
]);
const TRANSIENT_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Whether `error` says only that the store is contended or did not answer, so that asking again makes sense. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (TRANSIENT.has(error.name) || ('code' in error && TRANSIENT.has(String(error.code)))) return true;
  return reasonsOf(error).some((reason) => TRANSIENT_REASONS.has(reason.Code ?? ''));
}

/** Waits before attempt `attempt` + 1, with exponential back-off and full jitter: contenders must not come back in step. */
export function pause(attempt: number): Promise<void> {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return new Promise((resolve) => {
    setTimeout(resolve, Math.random() * ceiling);
  });
}
