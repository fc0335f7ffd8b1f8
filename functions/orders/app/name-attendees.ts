import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { Attendees } from '../attendees-contract.ts';
import { askedWith, findAttendees, putAttendees, sealerFor, stillPending } from '../attendees.ts';
import { placeAttendees } from '../domain/attendees.ts';
import type { Order } from '../domain/order.ts';
import type { PersonalData } from '../../users/recipients.ts';

/** Names that were sent with an order. */
export interface Naming {
  readonly personalData: PersonalData;
  readonly attendees: Attendees;
  /** Whether a program orders: no account has given it a data key. */
  readonly vendor: boolean;
  /** Whether the request came under an Idempotency-Key. */
  readonly keyed: boolean;
}

/**
 * The writes that keep the names of an order. They go into the transaction that makes it of its hold.
 *
 * @returns TOO_MANY_ATTENDEES where the names do not fit its tickets
 * @throws SecretUnavailableError when the key cannot be asked for now: nothing is written; PersonErasedError
 */
export async function attendeeWrites(
  { personalData, attendees, vendor }: Naming,
  { orderId, customerId, lines, expiresAt }: Order,
): Promise<Result<readonly Write<undefined>[], Problem>> {
  const names = placeAttendees(lines, attendees);
  if (!names.ok) return names;
  const { person, keep } = await sealerFor(personalData, { userId: customerId, vendor }, LOOK_AGAIN);
  const kept = { names: names.value, asked: askedAs(attendees), expiresAt };
  return ok([...keep, await putAttendees(person, orderId, kept, LOOK_AGAIN)]);
}

const LOOK_AGAIN = (): undefined => undefined;

/**
 * Names that come with an order that was made before. Where they are those that it was made with, whatever they were
 * changed to since, this is a retry. Where it has none and waits for its payment, it gets them: the process may have died
 * before it kept them. Whoever sends others is told so, since they would think that those are kept.
 *
 * @returns 'LOOK_AGAIN' when the order has moved on; TOO_MANY_ATTENDEES, ATTENDEES_DIFFER, or IDEMPOTENCY_KEY_REUSED for
 *   the latter under a key
 */
export async function nameOrdered(
  table: Table,
  naming: Naming,
  order: Order,
): Promise<Result<void, Problem> | 'LOOK_AGAIN'> {
  const { personalData, attendees, keyed } = naming;
  const { orderId, customerId } = order;
  const kept = (await findAttendees(table, [orderId])).get(orderId);
  if (kept === undefined && order.state === 'PENDING') {
    const writes = await attendeeWrites(naming, order);
    if (!writes.ok) return writes;
    const done = await commit(table, [stillPending(orderId, LOOK_AGAIN), ...writes.value]);
    return done.ok ? ok(undefined) : 'LOOK_AGAIN';
  }
  const asked = kept === undefined ? undefined : await askedWith(await personalData.person(customerId), kept);
  if (asked === askedAs(attendees)) return ok(undefined);
  const detail = 'The order was made with other names. Change them on its tickets, once they are issued.';
  return err(problem(keyed ? 'IDEMPOTENCY_KEY_REUSED' : 'ATTENDEES_DIFFER', detail));
}

function askedAs(attendees: Attendees): string {
  return shortHash(canonicalJson(attendees));
}
