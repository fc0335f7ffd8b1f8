import { randomFrom } from '../shared/faults.ts';
import type { Buyer } from './buyers.ts';
import { CANCELS_EVENT } from './cancelling.ts';
import { GIVES_BACK } from './giving-back.ts';
import { live, type Outcome, type Plan } from './history.ts';
import type { FaultKind, PlannedFault } from './scheduler.ts';
import type { WebhookTiming } from './outside.ts';

/** When the provider's events come, as far as single faults go through them one by one. */
export const TIMINGS: readonly WebhookTiming[] = ['BEFORE', 'DURING', 'AFTER', 'NEVER'];

/** The calls of a dispute begin with the first of these, as the scheduler names them. */
const DISPUTES = /charge\.dispute\./;

/** A way that a purchase may go, and what has become of its orders once everything is at rest, if nothing befalls it. */
export interface Scenario {
  readonly buyers: readonly Buyer[];
  readonly blocks: readonly number[];
  readonly states: readonly string[];
  readonly eventCancelledAfter?: number;
  /** Buyers are written to. */
  readonly mails?: boolean;
  /** Faults are tried from the first such call on; before it the history is that of another scenario. */
  readonly faultsFrom?: RegExp;
  /** When the provider's events come, where not all times make a difference. */
  readonly timings?: readonly WebhookTiming[];
}

const VISA = ['pm_card_visa'] as const;
/** Its owner disputes the payment at once. */
const DISPUTED = ['pm_card_createDispute'] as const;

/** The ways of a purchase that single faults are tried on. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  paid: { buyers: [{ quantity: 2, cards: VISA }], blocks: [1, 1], states: ['PAID'] },
  'paid, the browser closed': { buyers: [{ quantity: 1, cards: VISA, confirms: 0 }], blocks: [1], states: ['PAID'] },
  'declined, then paid by another card': {
    buyers: [{ quantity: 1, cards: ['pm_card_chargeDeclined', 'pm_card_visa'] }],
    blocks: [1],
    states: ['PAID'],
  },
  'refused at the capture': {
    buyers: [{ quantity: 1, cards: ['pm_card_captureFails'] }],
    blocks: [1],
    states: ['FAILED'],
  },
  'paid at the last moment, and heard of late': {
    buyers: [{ quantity: 1, cards: VISA, hesitates: 9.9, saysSoAfter: 4 }],
    blocks: [1],
    states: ['PAID'],
  },
  'too late, and sold to somebody else': {
    buyers: [
      { quantity: 1, cards: VISA, hesitates: 14 },
      { quantity: 1, cards: VISA, comesAfter: 13.5 * 60_000 },
    ],
    blocks: [1],
    states: ['PAID', 'EXPIRED', 'FAILED'],
  },
  'never paid': { buyers: [{ quantity: 2, cards: [] }], blocks: [2], states: ['EXPIRED'] },
  'cancelled before it was paid': {
    buyers: [{ quantity: 1, cards: VISA, cancels: 'BEFORE' }],
    blocks: [1],
    states: ['CANCELLED'],
  },
  'given back': {
    buyers: [{ quantity: 2, cards: VISA, givesBack: 'ALL' }],
    blocks: [1, 1],
    states: ['CANCELLED'],
    faultsFrom: GIVES_BACK,
  },
  'given back by two at once': {
    buyers: [{ quantity: 2, cards: VISA, givesBack: 'AT_ONCE' }],
    blocks: [2],
    states: ['CANCELLED', 'PARTIALLY_REFUNDED', 'REFUNDED'],
    faultsFrom: GIVES_BACK,
  },
  'given back in parts, and the bank takes its time': {
    buyers: [{ quantity: 2, cards: ['pm_card_pendingRefund'], givesBack: 'IN_PARTS' }],
    blocks: [2],
    states: ['CANCELLED', 'REFUNDED'],
    faultsFrom: GIVES_BACK,
  },
  'of two events, and a ticket of each given back': {
    buyers: [{ quantity: 1, also: 1, cards: VISA, givesBack: 'IN_PARTS' }],
    blocks: [1],
    states: ['CANCELLED', 'REFUNDED'],
    timings: ['NEVER'],
    faultsFrom: GIVES_BACK,
  },
  'disputed, and the bank takes it back': {
    buyers: [{ quantity: 1, cards: DISPUTED, bankDecides: 'lost' }],
    blocks: [1],
    states: ['REFUNDED'],
    timings: ['DURING'],
    faultsFrom: DISPUTES,
  },
  'disputed, and the bank leaves it': {
    buyers: [{ quantity: 1, cards: DISPUTED, bankDecides: 'won' }],
    blocks: [1],
    states: ['PAID'],
    timings: ['DURING'],
    faultsFrom: DISPUTES,
  },
  'given back, and the bank sends it back': {
    buyers: [{ quantity: 1, cards: ['pm_card_refundFail'], givesBack: 'ALL' }],
    blocks: [1],
    states: ['CANCELLED'],
    faultsFrom: GIVES_BACK,
  },
};

/** The ways of a cancelled event that single faults are tried on. */
export const CANCELLATIONS: Readonly<Record<string, Scenario>> = {
  'paid for, and an event that is cancelled': {
    buyers: [{ quantity: 2, cards: VISA }],
    blocks: [2],
    states: ['REFUNDED'],
    eventCancelledAfter: 90_000,
    mails: true,
    faultsFrom: CANCELS_EVENT,
  },
  'paid for together with another event, and cancelled': {
    buyers: [{ quantity: 1, also: 1, cards: VISA }],
    blocks: [1],
    states: ['PARTIALLY_REFUNDED'],
    eventCancelledAfter: 90_000,
    faultsFrom: CANCELS_EVENT,
  },
  'an event that is cancelled while a purchase runs': {
    buyers: [{ quantity: 1, cards: VISA, hesitates: 0.5 }],
    blocks: [1],
    states: ['REFUNDED', 'EXPIRED', 'FAILED'],
    eventCancelledAfter: 30_000,
    faultsFrom: CANCELS_EVENT,
  },
};

/** The larger ones, for which the suite has no time. */
export const LARGER_CANCELLATIONS: Readonly<Record<string, Scenario>> = {
  'an event of several orders that is cancelled': {
    buyers: [
      { quantity: 2, cards: VISA },
      { quantity: 2, cards: VISA, givesBack: 'AT_ONCE' },
      { quantity: 1, cards: ['pm_card_pendingRefund'] },
      { quantity: 1, cards: VISA, hesitates: 2 },
      { quantity: 1, cards: [] },
      { quantity: 1, also: 2, cards: VISA },
      { quantity: 1, cards: DISPUTED },
      { quantity: 1, cards: DISPUTED, bankDecides: 'won' },
      { quantity: 1, cards: DISPUTED, bankDecides: 'lost' },
    ],
    blocks: [6, 6],
    mails: true,
    states: ['REFUNDED', 'CANCELLED', 'PARTIALLY_REFUNDED', 'EXPIRED', 'FAILED'],
    eventCancelledAfter: 90_000,
    faultsFrom: CANCELS_EVENT,
  },
};

/** The plan of a scenario in which nothing goes wrong. */
export function planOf(
  { buyers, blocks, eventCancelledAfter, mails }: Scenario,
  webhooks: WebhookTiming,
  faults: readonly PlannedFault[] = [],
): Plan {
  return {
    seed: 1,
    buyers,
    blocks,
    webhooks,
    faults,
    ...(mails === undefined ? {} : { mails }),
    ...(eventCancelledAfter === undefined ? {} : { eventCancelledAfter }),
  };
}

/** Deaths and lost answers: after them nobody on our side knows what has happened. */
export const CRASHES: readonly FaultKind[] = ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'RUN_LOST'];

/** What jobs do each minute whether there is something to do or not. */
const IDLE = /^(?:sweep|take over runs|reconcile) › (?:lists (?:DUE|AUDIT)|reads CURSOR|writes CURSOR)/;

/** Every fault of these kinds at every call of a scenario's history, one for each plan. */
export function singleFaults(
  { calls }: Outcome,
  kinds: readonly FaultKind[],
  { faultsFrom }: Pick<Scenario, 'faultsFrom'>,
): readonly PlannedFault[] {
  const first = faultsFrom === undefined ? 0 : calls.findIndex(({ name }) => faultsFrom.test(name));
  return calls.flatMap((call, at) =>
    at < first || IDLE.test(call.name)
      ? []
      : call.kinds.filter((kind) => kinds.includes(kind)).map((kind) => ({ at, kind })),
  );
}

const CARDS = ['pm_card_visa', 'pm_card_mastercard', 'pm_card_chargeDeclined', 'pm_card_captureFails'] as const;
const RELUCTANT_CARDS = ['pm_card_pendingRefund', 'pm_card_refundFail'] as const;

/** A history of some buyers among faults of all kinds. */
export function randomPlan(seed: number): Plan {
  const random = randomFrom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  const chance = (part: number): boolean => random() < part;
  const buyers = Array.from({ length: 1 + below(3) }, (): Buyer => {
    const cards = Array.from({ length: below(3) }, () => CARDS[below(CARDS.length)] ?? 'pm_card_visa');
    const cancels = chance(0.15) ? (['BEFORE', 'WHILE'] as const)[below(2)] : undefined;
    const givesBack = chance(0.25) ? (['ALL', 'AT_ONCE', 'IN_PARTS'] as const)[below(3)] : undefined;
    return {
      quantity: 1 + below(3),
      cards: givesBack !== undefined && chance(0.5) ? [RELUCTANT_CARDS[below(2)] ?? 'pm_card_visa'] : cards,
      hesitates: chance(0.2) ? 9 + below(6) : 0,
      confirms: ([0, 1, 1, 2] as const)[below(4)] ?? 1,
      ...(cancels === undefined ? {} : { cancels }),
      ...(givesBack === undefined ? {} : { givesBack }),
      comesAfter: chance(0.3) ? below(14 * 60_000) : 0,
      ...(chance(0.15) ? { also: 1 + below(2) } : {}),
      ...(chance(0.1) ? { cards: DISPUTED, bankDecides: (['won', 'lost'] as const)[below(2)] ?? 'won' } : {}),
    };
  });
  const eventCancelledAfter = chance(0.15) ? below(20 * 60_000) : undefined;
  return {
    seed,
    buyers,
    ...(eventCancelledAfter === undefined ? {} : { eventCancelledAfter }),
    mails: chance(0.5),
    blocks: Array.from({ length: 1 + below(3) }, () => 1 + below(3)),
    webhooks: 'CHAOS',
    faults: [],
    faultRate: random() * 0.06,
    skewed: chance(0.5),
    dawdling: chance(0.5) ? 0.02 : 0,
  };
}

/** The same history with the fewest of its faults that still make it go wrong. */
export async function shortest(
  plan: Plan,
  outcome: Outcome,
): Promise<{ readonly plan: Plan; readonly outcome: Outcome }> {
  let best: { readonly plan: Plan; readonly outcome: Outcome } = {
    plan: { ...plan, faults: outcome.faults, faultRate: 0 },
    outcome,
  };
  for (let index = 0; index < best.plan.faults.length;) {
    const tried = { ...best.plan, faults: best.plan.faults.filter((_fault, at) => at !== index) };
    const lived = await live(tried);
    if (lived.fault === undefined) index += 1;
    else best = { plan: { ...tried, faults: lived.faults }, outcome: lived };
  }
  return best;
}

/** A plan as it is typed to live through it again. */
export function replayOf(plan: Plan): string {
  return JSON.stringify(plan);
}
