import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { markTouched } from '../../audit/writes.ts';
import { isListed, tendedAt } from '../../catalog/contract.ts';
import {
  orderCreated,
  orderPaid,
  orderSecured,
  paymentDeclined,
  reservationHeld,
  reviewApproved,
  reviewOpened,
} from '../../orders/contract.ts';
import { listForCustomer } from '../../orders/writes.ts';
import { parseOrder } from '../../orders/reads.ts';
import { ticketTypePriceChanged } from '../../pricing/contract.ts';
import { parsePricing } from '../../pricing/reads.ts';
import { logListingChanges, logSales, salesOf } from '../../search/writes.ts';
import type { Table } from '../../shared/table/client.ts';
import { marked } from '../../shared/table/aggregate.ts';
import { putItems } from '../../shared/table/batch.ts';
import { commit } from '../../shared/table/commit.ts';
import { enlist } from '../../shared/table/due-list.ts';
import type { Put } from '../../shared/table/writes.ts';
import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { refundDue } from '../../payments/contract.ts';
import { userErasureBegun } from '../../users/privacy-events.ts';
import { markSeats } from '../../venues/writes.ts';
import type { QueueName } from '../contract.ts';
import { aggregateOf, isItsFirstEntry, relayOf, timelineEntries, type Change, type Relayed } from '../domain/relay.ts';
import { seatMarksOf } from '../domain/seat-marks.ts';

/** Where messages go. */
export interface Relay {
  readonly table: Table;
  readonly sqs: SQSClient;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
}

/** SQS takes at most this many messages at once. */
const MESSAGES = 10;
/** A run that is silent for a minute is taken over; see the lease of a purchase run. */
const RUN_SILENCE_MS = MINUTE;
/** A refund whose message came to nothing is looked at by a job; its message is worked off long before. */
const REFUND_SILENCE_MS = 5 * MINUTE;

/**
 * Relays a batch of changes: their copies to the timelines, what is due later to the due-lists, orders to
 * their customers' lists, sold seats to the maps of their events, and messages to the queues. Rows are written before messages are sent, and
 * everything is a function of the changes alone, so a batch may be relayed any number of times. But two: what
 * is overdue already is listed as due at `now`, since the jobs do not look back far enough for a stream that
 * lagged; and the logs of the search are kept by `now`, whose readers know what they have seen.
 *
 * @throws when a row or a message was not taken; the whole batch comes again
 */
export async function relayChanges(
  { table, sqs, queueUrls }: Relay,
  changes: readonly Change[],
  now: Instant,
): Promise<void> {
  await putItems(table, [
    ...timelineEntries(changes),
    ...marks(changes),
    ...dueLists(changes, now),
    ...customerLists(changes),
    ...searchLogs(changes, now),
  ]);
  await Promise.all(seatMarksOf(changes).map((marked) => commit(table, [markSeats(marked, now)])));
  const messages = changes.flatMap((change) => relayOf(change) ?? []);
  for (const [queue, url] of Object.entries(queueUrls)) {
    await sendAll(
      sqs,
      url,
      messages.filter((message) => message.queue === queue),
    );
  }
}

/** What the audit finds by time. That a ticket was issued is told by its order's step, and marked no second time. */
function marks(changes: readonly Change[]): readonly Put<never>[] {
  const waited = ({ before, after: { pk, sk } }: Change): boolean =>
    before !== undefined && isItsFirstEntry(marked({ ...before, pk, sk }));
  return markTouched(
    changes
      .filter(({ after }) => !isItsFirstEntry(after))
      .map((change) => ({ before: waited(change) ? undefined : change.before, after: change.after })),
  );
}

/** Holds to look at when they lapse, and purchase runs to look at when they fall silent, batch by batch. */
function dueLists(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  const latest = new Map(changes.map(({ after }) => [after.pk, after]));
  const holds = new Map<number, string[]>();
  const runs = new Map<string, Instant>();
  for (const { after } of changes) {
    // A run whose clock is behind may reopen an order for what is left of a hold that a sweep has dealt with by its own clock.
    if (after.ev === reservationHeld.name || after.ev === paymentDeclined.name) {
      const { orderId, expiresAt } = parseOrder(after);
      const minute = Math.floor(Math.max(expiresAt, now) / MINUTE);
      holds.set(minute, [...(holds.get(minute) ?? []), orderId]);
    }
    // What has ended within the same batch needs no watching: most runs do.
    if (isUnfinished(after) && isUnfinished(latest.get(after.pk) ?? after)) {
      runs.set(parseOrder(after).orderId, after.at);
    }
  }
  const lastRun = Math.max(0, ...runs.values());
  return [
    ...[...holds].flatMap(([minute, ids]) => enlist('LAPSED_HOLDS', minute * MINUTE, ids)),
    ...enlist('PURCHASE_RUNS', Math.max(lastRun + RUN_SILENCE_MS, now), [...runs.keys()]),
    ...reviews(changes, now),
    ...erasures(changes, now),
    ...refunds(changes, now),
    ...events(changes, now),
  ];
}

/** Orders that a person decides about: at the end of the time to do so a run gives them up. */
function reviews(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  return changes
    .filter(({ after }) => after.ev === reviewOpened.name)
    .flatMap(({ after }) => {
      const { orderId, leaseUntil = 0 } = parseOrder(after);
      return enlist('PURCHASE_RUNS', Math.max(leaseUntil, now), [orderId]);
    });
}

/** Events that end, or that somebody must look after: each at its time, or now where that has passed. */
function events(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  return changes.flatMap(({ after }) =>
    tendedAt(after).flatMap((due) => enlist('EVENTS', Math.max(due, now), [aggregateOf(after).id])),
  );
}

/** Refunds that are recorded, or are tried anew: whatever becomes of their message, somebody looks after them. */
function refunds(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  const due = changes.filter(
    ({ after }) => after.ev === refundDue.name || (aggregateOf(after).type === 'refund' && after.ver === 1),
  );
  return enlist(
    'REFUNDS',
    Math.max(now, ...due.map(({ after }) => after.at)) + REFUND_SILENCE_MS,
    due.map(({ after }) => aggregateOf(after).id),
  );
}

/** Who was anonymised: what is left of them is taken away once no request that knew them can be under way any more. */
function erasures(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  const begun = changes.filter(({ after }) => after.ev === userErasureBegun.name);
  const last = Math.max(now, ...begun.map(({ after }) => after.at)) + MINUTE;
  return enlist(
    'ERASURES',
    last,
    begun.map(({ after }) => aggregateOf(after).id),
  );
}

/** Whether a purchase run owns the order, or has money to give back: if it falls silent, another must finish. */
function isUnfinished(row: Change['after']): boolean {
  return row.ev === orderSecured.name || row.ev === reviewApproved.name || row['settlement'] === 'RETURN_DUE';
}

/** An order shows in its customer's list from when it is ordered; a free one is paid in the same step. */
function customerLists(changes: readonly Change[]): readonly Put<never>[] {
  return changes
    .filter(
      ({ after, before }) =>
        after.ev === orderCreated.name || (after.ev === orderPaid.name && before?.['state'] === 'HELD'),
    )
    .map(({ after }) => listForCustomer(parseOrder(after)));
}

/** What the search must know: which events that anybody may find have changed, or their prices, and what was sold. */
function searchLogs(changes: readonly Change[], now: Instant): readonly Put<never>[] {
  const listed = changes.filter(({ before, after }) => isListed(before) || isListed(after));
  const versions = new Map(listed.map(({ after }) => [aggregateOf(after).id, after.ver]));
  const priced = changes.filter(({ after }) => after.ev === ticketTypePriceChanged.name);
  const events = new Set(priced.map(({ after }) => parsePricing(after).eventId));
  const paid = changes.filter(({ after }) => after.ev === orderPaid.name);
  return [
    ...logListingChanges(
      [
        ...[...versions].map(([eventId, version]) => ({ eventId, version })),
        ...[...events].map((eventId) => ({ eventId, version: 0, priced: true as const })),
      ],
      now,
    ),
    ...logSales(
      paid.flatMap(({ after }) => salesOf(parseOrder(after))),
      now,
    ),
  ];
}

async function sendAll(sqs: SQSClient, url: string, messages: readonly Relayed[]): Promise<void> {
  for (let start = 0; start < messages.length; start += MESSAGES) {
    const part = messages.slice(start, start + MESSAGES);
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: part.map(({ envelope }, index) => ({ Id: String(index), MessageBody: JSON.stringify(envelope) })),
      }),
    );
    if ((sent.Failed ?? []).length > 0) throw new Error(`SQS did not take ${sent.Failed?.length} messages`);
  }
}
