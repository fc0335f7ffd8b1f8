import { HOUR, type Instant } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { randomFrom } from '../shared/faults.ts';
import { buy } from './buyers.ts';
import { announce, cancelAsOrganizer, cancellationFault } from './cancelling.ts';
import { mailsFault, ordersOf, restFault } from './judging.ts';
import { Scheduler, type FaultKind } from './scheduler.ts';
import { System } from './system.ts';

const START = Date.UTC(2026, 10, 21, 12);
const LONGEST_MS = 14 * 24 * HOUR;
/** Buyers come one after the other, so far apart that some fifty are in the shop at a time. */
const APART_MS = 200;
const BLOCKS = 16;
/** Deaths of which nobody on our side knows what they interrupted. */
const DEATHS: readonly FaultKind[] = ['CRASH_BEFORE', 'CRASH_AFTER', 'RUN_LOST'];
/** What may be struck: the organizer's request, the workflow and its steps. */
const CANCELLING = /^(?:organizer cancels|step (?:BeginPass|RefundNextPage|VerifyCancellation)) › /;

/** What has become of a large cancellation. */
export interface LargeCancellation {
  readonly fault: string | undefined;
  readonly orders: number;
  readonly refunded: number;
  readonly kills: number;
  readonly mails: number;
  /** From the organizer's request until the event was cancelled, on the clock of the history. */
  readonly tookMs: number;
}

/**
 * An event of `orders` paid orders that is cancelled, its workflow killed at `kills` of its calls. Purchases are real and
 * undisturbed; the invariants are judged once, at rest.
 *
 * @param every a kill comes after about so many calls of the cancellation
 */
export async function cancelLarge(orders: number, kills: number, every: number, seed = 1): Promise<LargeCancellation> {
  const [choices, world, mishaps] = [1, 2, 3].map((stream) => randomFrom(seed * 8 + stream));
  if (choices === undefined || world === undefined || mishaps === undefined) throw new Error('Three streams');
  let [killed, until] = [0, Math.ceil(mishaps() * every)];
  const scheduler = new Scheduler({
    start: START,
    random: choices,
    faults: [],
    fault: (kinds, name) => {
      if (killed === kills || !CANCELLING.test(name)) return undefined;
      until -= 1;
      const deaths = DEATHS.filter((kind) => kinds.includes(kind));
      if (until > 0 || deaths.length === 0) return undefined;
      killed += 1;
      until = Math.ceil(mishaps() * 2 * every);
      return deaths[Math.floor(mishaps() * deaths.length)];
    },
  });
  const write = process.stdout.write.bind(process.stdout);
  const unjittered = Math.random;
  // What the code under test logs is not looked at.
  process.stdout.write = () => true;
  Math.random = world;
  try {
    const system = new System(scheduler, { webhooks: 'DURING', random: world, mails: true, checks: 'AT_REST' });
    const id = (kind: string): string => derivedId(kind, `large ${seed}`);
    const type = await system.open(
      {
        ticketTypeId: id('type'),
        poolId: id('pool'),
        eventId: id('event'),
        organizationId: id('organization'),
        blocks: BLOCKS,
        capacity: 2 * orders,
        opensAt: START - HOUR,
        closesAt: START + LONGEST_MS,
        eventStartsAt: START + 2 * LONGEST_MS,
        cancellationPolicy: { windowHours: 24, feePercent: 10 },
      },
      Array.from({ length: BLOCKS }, () => Math.ceil((2 * orders) / BLOCKS)),
    );
    await announce(system, type);
    const endings = await shop(system, scheduler, orders, (buyer) =>
      buy(system, [type, type], `buyer ${buyer}`, { quantity: 1 + (buyer % 2), cards: ['pm_card_visa'] }, 'DURING'),
    );
    const [begunAt, cancelled] = [scheduler.now, { done: false }];
    void cancelAsOrganizer(system, type.eventId, 0).then(() => {
      cancelled.done = true;
      return system.active();
    });
    await scheduler.run(begunAt + LONGEST_MS, () => cancelled.done && system.isQuiet);
    system.check('at-rest');
    const left = await ordersOf(system, endings);
    return {
      fault:
        system.fault ??
        restFault(system, left, endings, orders - endings.length) ??
        (await cancellationFault(system, type.eventId, left)) ??
        mailsFault(system, type.eventId),
      orders: left.length,
      refunded: left.filter(({ state }) => state === 'REFUNDED').length,
      kills: killed,
      mails: system.mailbox.accepted.length,
      tookMs: endOf(system, type.eventId) - begunAt,
    };
  } finally {
    scheduler.close();
    process.stdout.write = write;
    Math.random = unjittered;
  }
}

/** Lets as many buyers come as there are orders to be, and everything come to rest. */
async function shop<T>(
  system: System,
  scheduler: Scheduler,
  orders: number,
  come: (buyer: number) => Promise<T>,
): Promise<readonly T[]> {
  const endings: T[] = [];
  for (let buyer = 0; buyer < orders; buyer += 1)
    setTimeout(() => {
      void come(buyer).then((ending) => endings.push(ending));
    }, buyer * APART_MS);
  system.active();
  await scheduler.run(scheduler.now + orders * APART_MS + 4 * HOUR, () => endings.length === orders && system.isQuiet);
  return endings;
}

/** When the event was cancelled at last, as its history tells. */
function endOf({ store }: System, eventId: string): Instant {
  const told = store.items().find(({ pk, ev }) => pk === `EVENT#${eventId}` && ev === 'catalog.EventCancelled.v1');
  return Number(told?.['at'] ?? Number.NaN);
}
