import type { Order } from '../../functions/orders/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { randomFrom } from '../shared/faults.ts';
import { buy, type Buyer, type Ending } from './buyers.ts';
import { announce, cancelAsOrganizer, cancellationFault } from './cancelling.ts';
import { mailsFault, ordersOf, restFault } from './judging.ts';
import { Scheduler, type FaultKind, type PlannedFault } from './scheduler.ts';
import type { WebhookTiming } from './outside.ts';
import { System, type Mutant } from './system.ts';

/** A history, all of it: run again, it is the same. */
export interface Plan {
  readonly seed: number;
  readonly buyers: readonly Buyer[];
  /** Tickets on sale, block by block. */
  readonly blocks: readonly number[];
  readonly webhooks: WebhookTiming;
  readonly faults: readonly PlannedFault[];
  /** The part of all calls that something befalls beyond what is planned. */
  readonly faultRate?: number;
  /** Clocks of processes are wrong by up to five minutes. */
  readonly skewed?: boolean;
  /** The part of all choices in which time passes though somebody could go on. */
  readonly dawdling?: number;
  readonly mutant?: Mutant;
  /** The event is cancelled so many milliseconds after the start. */
  readonly eventCancelledAfter?: number;
  /** Buyers are written to. */
  readonly mails?: boolean;
}

/** What became of a history. */
export interface Outcome {
  /** What is wrong, if anything. */
  readonly fault: string | undefined;
  /** What happened, told when it is asked for. */
  readonly story: () => readonly string[];
  /** Every call that was made to a port, with what may befall it. */
  readonly calls: Scheduler['calls'];
  /** What befell it, as a plan would have it. */
  readonly faults: readonly PlannedFault[];
  readonly endings: readonly Ending[];
  readonly orders: readonly Order[];
  /** How many mails were accepted. */
  readonly mails: number;
}

const START = Date.UTC(2026, 10, 21, 12);
/** Longer than anything may take: an event that was three days late, and what it sets going. */
const LONGEST_MS = 96 * HOUR;
const MOST_SKEW_MS = 5 * 60_000;

/** Lives through a history and holds what is left of it against the invariants. */
export async function live(plan: Plan): Promise<Outcome> {
  const {
    seed,
    buyers,
    blocks,
    webhooks,
    faults,
    faultRate = 0,
    skewed = false,
    dawdling = 0,
    mutant,
    eventCancelledAfter,
    mails = false,
  } = plan;
  const [choices, mishaps, world, clocks] = [1, 2, 3, 4].map((stream) => randomFrom(seed * 8 + stream));
  if (choices === undefined || mishaps === undefined || world === undefined || clocks === undefined)
    throw new Error('Four streams of numbers');
  const thinkOf = (kinds: readonly FaultKind[]): FaultKind | undefined =>
    mishaps() < faultRate ? kinds[Math.floor(mishaps() * kinds.length)] : undefined;
  const write = process.stdout.write.bind(process.stdout);
  const scheduler = new Scheduler({
    start: START,
    random: choices,
    faults,
    dawdling,
    ...(faultRate > 0 ? { fault: thinkOf } : {}),
    ...(skewed ? { skewOf: () => Math.round((clocks() * 2 - 1) * MOST_SKEW_MS) } : {}),
  });
  // What the code under test logs would drown the story.
  process.stdout.write = () => true;
  const unjittered = Math.random;
  Math.random = world;
  try {
    const system = new System(scheduler, { webhooks, random: world, mutant, mails });
    const onSale = (event: string, sizes: readonly number[]): Promise<TicketTypeCopy> =>
      system.open(
        {
          ticketTypeId: derivedId('type', event),
          poolId: derivedId('pool', event),
          eventId: derivedId('event', event),
          organizationId: derivedId('organization', event),
          blocks: sizes.length,
          capacity: sizes.reduce((sum, size) => sum + size, 0),
          opensAt: START - HOUR,
          closesAt: START + LONGEST_MS,
          eventStartsAt: START + 2 * LONGEST_MS,
          maxPerPerson: 8,
          cancellationPolicy: { windowHours: 24, feePercent: 10 },
        },
        sizes,
      );
    const type = await onSale(String(seed), blocks);
    const other = await onSale(`other than ${seed}`, blocks);
    const endings: Ending[] = [];
    let left = buyers.length;
    let cancels = eventCancelledAfter !== undefined;
    if (eventCancelledAfter !== undefined) {
      await announce(system, type);
      void cancelAsOrganizer(system, type.eventId, eventCancelledAfter).then(() => {
        cancels = false;
        return system.active();
      });
    }
    for (const [index, buyer] of buyers.entries())
      void buy(system, [type, other], `buyer ${index + 1}`, buyer, webhooks).then((ending) => {
        scheduler.tell(`buyer ${index + 1} is told: ${ending.told}`);
        endings.push(ending);
        left -= 1;
        scheduler.calm = left === 0;
        return system.active();
      });
    system.active();
    const over = (): boolean => system.fault !== undefined || (left === 0 && !cancels && system.isQuiet);
    await scheduler.run(START + LONGEST_MS, over);
    if (system.fault === undefined) system.check('at-rest');
    const audited = system.fault;
    await mutant?.planted?.(system.store, await ordersOf(system, endings));
    const orders = await ordersOf(system, endings);
    const fault =
      audited ??
      restFault(system, orders, endings, left) ??
      (eventCancelledAfter === undefined ? undefined : await cancellationFault(system, type.eventId, orders)) ??
      (mails ? mailsFault(system, type.eventId) : undefined);
    return {
      fault,
      story: () => scheduler.story(),
      calls: scheduler.calls,
      faults: scheduler.calls.flatMap((call, at) => (call.fault === undefined ? [] : [{ at, kind: call.fault }])),
      endings,
      orders,
      mails: system.mailbox.accepted.length,
    };
  } finally {
    scheduler.close();
    process.stdout.write = write;
    Math.random = unjittered;
  }
}
