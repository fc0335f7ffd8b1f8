import { deliveryEvents, ticketArchived, ticketIssued } from '../../delivery/contract.ts';
import { holderEvents, ticketReissued } from '../../delivery/holder-contract.ts';
import { printEvents } from '../../delivery/print-contract.ts';
import { ticketOffered, ticketReceived, ticketTransferred, transferEvents } from '../../delivery/transfer-contract.ts';
import { accessEvents } from '../../access/contract.ts';
import { catalogEvents, eventCancellationStarted, eventRescheduled, eventUpdated } from '../../catalog/events.ts';
import { notificationsEvents, noticeRequested, resendRequested } from '../../notifications/contract.ts';
import { inventoryEvents } from '../../inventory/contract.ts';
import {
  latePaymentReturned,
  delivered,
  orderCancelled,
  orderExpired,
  orderFailed,
  orderPaid,
  paymentFailed,
  paymentReturnDue,
  reviewApproved,
  ordersEvents,
} from '../../orders/contract.ts';
import { paymentsEvents, refundDue, refundFailed, refundIssued } from '../../payments/contract.ts';
import { venuesEvents } from '../../venues/contract.ts';
import { pricingEvents } from '../../pricing/contract.ts';
import { supportEvents } from '../../support/contract.ts';
import { searchEvents } from '../../search/contract.ts';
import { canonicalJson } from '../../shared/kernel/hash.ts';
import { envelopeOf, type Envelope, type EventDefinition } from '../../shared/runtime/events.ts';
import { MARK, marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item, Key } from '../../shared/table/keys.ts';
import { keepSteps, type TimelineStep } from '../../shared/table/timeline.ts';
import type { Attributes, Put, Value } from '../../shared/table/writes.ts';
import { apiKeyCreated, apiKeyRevoked } from '../../organizations/api-keys-contract.ts';
import {
  organizationsEvents,
  userBanned,
  userPostsChanged,
  userRolesChanged,
  userUnbanned,
} from '../../organizations/contract.ts';
import { accountEvents } from '../../users/account-events.ts';
import { personalDataExported } from '../../users/privacy-events.ts';
import {
  accountLocked,
  refreshTokenReused,
  signedInOnNewDevice,
  signedOutEverywhere,
} from '../../users/session-events.ts';
import { userRegistered, usersEvents } from '../../users/contract.ts';
import { invitationsEvents, memberInvited } from '../../organizations/invitations-contract.ts';
import type { QueueName } from '../contract.ts';

/** Every integration event there is, by name. */
export const ALL_EVENTS: ReadonlyMap<string, EventDefinition> = new Map(
  [
    ...ordersEvents,
    ...paymentsEvents,
    ...deliveryEvents,
    ...holderEvents,
    ...transferEvents,
    ...printEvents,
    ...accessEvents,
    ...catalogEvents,
    ...inventoryEvents,
    ...usersEvents,
    ...venuesEvents,
    ...pricingEvents,
    ...searchEvents,
    ...organizationsEvents,
    ...invitationsEvents,
    ...supportEvents,
    ...notificationsEvents,
  ].map((event): [string, EventDefinition] => [event.name, event]),
);

/** Which queue consumes which event; an event without an entry is only kept in its timeline. */
export const SUBSCRIPTIONS: ReadonlyMap<string, QueueName> = new Map<string, QueueName>([
  [orderPaid.name, 'tickets'],
  [delivered.name, 'mail'],
  [resendRequested.name, 'mail'],
  [noticeRequested.name, 'mail'],
  [eventUpdated.name, 'mail'],
  [eventRescheduled.name, 'mail'],
  [latePaymentReturned.name, 'mail'],
  [paymentFailed.name, 'mail'],
  [refundIssued.name, 'mail'],
  [refundFailed.name, 'mail'],
  [eventCancellationStarted.name, 'mail'],
  [ticketArchived.name, 'mail'],
  [ticketReissued.name, 'mail'],
  [ticketOffered.name, 'mail'],
  [ticketReceived.name, 'mail'],
  [ticketTransferred.name, 'mail'],
  [userRolesChanged.name, 'mail'],
  [userPostsChanged.name, 'mail'],
  [userBanned.name, 'mail'],
  [userUnbanned.name, 'mail'],
  [apiKeyCreated.name, 'mail'],
  [apiKeyRevoked.name, 'mail'],
  [userRegistered.name, 'mail'],
  ...accountEvents.map(({ name }): [string, QueueName] => [name, 'mail']),
  [accountLocked.name, 'mail'],
  [signedInOnNewDevice.name, 'mail'],
  [refreshTokenReused.name, 'mail'],
  [signedOutEverywhere.name, 'mail'],
  [personalDataExported.name, 'mail'],
  [memberInvited.name, 'mail'],
  [orderExpired.name, 'payments'],
  [orderFailed.name, 'payments'],
  [orderCancelled.name, 'payments'],
  [paymentReturnDue.name, 'payments'],
  [reviewApproved.name, 'payments'],
  [refundDue.name, 'payments'],
]);

/** A change as the stream hands it over: the row before and after. */
export interface Change {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Marked & Item;
}

/** A message for a queue. */
export interface Relayed {
  readonly queue: QueueName;
  readonly envelope: Envelope;
}

/**
 * The message that a change is relayed as, if any queue wants it. Orders that never had a PaymentIntent
 * leave nothing to settle, so their end is not sent to the payments queue, nor are refunds of a cancelled event, which its
 * workflow makes at the provider's pace; an account whose address is known to be
 * theirs is mailed no link to prove it.
 *
 * @throws when the row names an event that nobody declared
 */
export function relayOf({ after }: Change): Relayed | undefined {
  const definition = ALL_EVENTS.get(after.ev);
  if (definition === undefined) throw new Error(`No event is declared as ${after.ev}`);
  const queue = SUBSCRIPTIONS.get(after.ev);
  if (queue === undefined || (queue === 'payments' && after['paymentIntentId'] === undefined)) return undefined;
  if (after.ev === refundDue.name && after['cause'] === 'EVENT_CANCELLED' && after['attempt'] === undefined)
    return undefined;
  if (after.ev === userRegistered.name && after['status'] === 'VERIFIED') return undefined;
  return { queue, envelope: envelopeOf(definition, aggregateOf(after), after) };
}

/** What kind of thing a row is and which one, from its key. */
export function aggregateOf({ pk }: Key): { readonly type: string; readonly id: string } {
  const [type = '', id = ''] = pk.split('#');
  return { type: type.toLowerCase(), id };
}

/** Aggregates of which most never change after this event: until one does, its row is its first entry. */
const FIRST_ENTRY_WAITS: ReadonlySet<string> = new Set([ticketIssued.name]);

/** Whether `row` is in its first version and stands for its own first entry, which is not written yet. */
export function isItsFirstEntry({ ver, ev }: Pick<Marked, 'ver' | 'ev'>): boolean {
  return ver === 1 && FIRST_ENTRY_WAITS.has(ev);
}

/**
 * What a batch of changes adds to the timelines of its aggregates: append-only copies, written by key and content alone,
 * so that a redelivery writes the same again (invariants I10, I11). Two steps that follow each other are one item where
 * {@link KEPT_IN_PAIRS} says so.
 */
export function timelineEntries(changes: readonly Change[]): readonly Put<never>[] {
  const steps = changes.flatMap((change) => stepsOf(change).map((step) => ({ pk: change.after.pk, step })));
  return [...Map.groupBy(steps, ({ pk }) => pk)].flatMap(([pk, own]) => {
    const entries: Put<never>[] = [];
    for (let index = 0; index < own.length; index += 1) {
      const [step, next] = [own[index]?.step, own[index + 1]?.step];
      if (step === undefined) break;
      const isPair = KEPT_IN_PAIRS.has(aggregateOf({ pk, sk: '' }).type) && next?.ver === step.ver + 1;
      entries.push(keepSteps(pk, step, isPair ? next : undefined));
      if (isPair) index += 1;
    }
    return entries;
  });
}

/** A purchase's last two steps are made within a moment, and there is no other aggregate of which there are as many. */
const KEPT_IN_PAIRS: ReadonlySet<string> = new Set(['order']);

/**
 * The step that a change is, and before it the first one where that has waited in the row. Most tickets are never
 * changed, so this saves a write for each.
 */
function stepsOf({ before, after }: Change): readonly TimelineStep[] {
  if (isItsFirstEntry(after)) return [];
  const row = before === undefined ? undefined : marked({ ...before, pk: after.pk, sk: after.sk });
  const first = row !== undefined && isItsFirstEntry(row) ? [timelineStep({ before: undefined, after: row })] : [];
  return [...first, timelineStep({ before, after })];
}

/** A change as its timeline keeps it: what it set and removed, with its version and chain hash. */
export function timelineStep({ before, after }: Change): TimelineStep {
  const { ver, ev, at, cid, by, ch } = after;
  return { ver, ev, at, cid, by, ch, ...difference(before ?? {}, after) };
}

const NOT_DATA: ReadonlySet<string> = new Set(['pk', 'sk', ...MARK]);

function difference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { set: Attributes; removed: string[] } {
  const set: Record<string, Value> = {};
  for (const [name, value] of Object.entries(after)) {
    if (NOT_DATA.has(name) || canonicalJson(value) === canonicalJson(before[name])) continue;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a row of ours holds what the write algebra can write
    set[name] = value as Value;
  }
  return { set, removed: Object.keys(before).filter((name) => !NOT_DATA.has(name) && !(name in after)) };
}

/** Folds the steps of a timeline, oldest first, to the row that they made. */
export function foldTimeline(
  key: Key,
  entries: readonly {
    ver: number;
    ev: string;
    at: number;
    cid: string;
    by: string;
    ch: string;
    set: Readonly<Record<string, unknown>>;
    removed: readonly string[];
  }[],
): Readonly<Record<string, unknown>> {
  let row: Record<string, unknown> = { ...key };
  for (const { set, removed, ver, ev, at, cid, by, ch } of entries) {
    row = { ...row, ...set, ver, ev, at, cid, by, ch };
    for (const name of removed) delete row[name];
  }
  return row;
}
