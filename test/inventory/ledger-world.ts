import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockStock, changeCapacity, spreadStock } from '../../functions/inventory/resizing.ts';
import { HomeBlocks } from '../../functions/inventory/homes.ts';
import { stockMemory } from '../../functions/inventory/reads.ts';
import { changeCopies } from '../../functions/inventory/sale-writes.ts';
import { confirmOrder, releaseInventory, secureInventory } from '../../functions/orders/app/purchase-steps.ts';
import { findOrder, parseOrder, type Order } from '../../functions/orders/reads.ts';
import { orderReservation } from '../../functions/orders/writes.ts';
import { expireHolds } from '../../functions/reservations/app/expire-holds.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { MINUTE, SECOND, type Instant } from '../../functions/shared/kernel/clock.ts';
import { StepRefusal } from '../../functions/shared/runtime/step.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { enlist, rememberRun } from '../../functions/shared/table/due-list.ts';
import { randomFrom } from '../shared/faults.ts';
import { Twin, type Behaviour, type Change } from '../../scripts/twin/twin.ts';
import { faultsOf, isBlock, isOrder, ledgerOf, type Ledger } from './ledger-rules.ts';
import { putOnSale } from './on-sale.ts';

/** What somebody does. Numbers choose among what there is: people, orders, tickets. */
export type Act =
  | { readonly act: 'hold'; readonly person: number; readonly quantity: number; readonly twice: boolean }
  | { readonly act: 'release' | 'order' | 'pay' | 'decline'; readonly which: number }
  | { readonly act: 'sweep' }
  | { readonly act: 'resize'; readonly capacity: number }
  | { readonly act: 'block'; readonly quantity: number }
  | { readonly act: 'spread'; readonly holdsPerSecond: number };

/** People who act at the same moment, and how long it is quiet before. */
export interface Wave {
  readonly quiet: number;
  readonly acts: readonly Act[];
}

const START = Date.UTC(2026, 10, 21, 12);
const LIMIT = 6;
/** The sale ends this long after the start; a hold outlives that by some minutes. */
const SALE_MS = 25 * MINUTE;
/** Clocks of different machines differ by so much at most. */
const SKEW_MS = 2 * SECOND;

/** What has been seen of the stock while one buyer looked for tickets. */
interface Watch {
  lowestFree: number;
  traffic: number;
  mostHeld: number;
  readonly personId: string;
}

/**
 * The ledger of one ticket type with everybody who uses it, on the twin: the real use cases, interleaved request by
 * request, among conflicts, throttles and lost answers. Whatever is committed, the rules are checked at that moment.
 */
export class LedgerWorld {
  readonly faults: string[] = [];
  /** How often what came about, so that a test can tell that its runs were worth something. */
  readonly outcomes = new Map<string, number>();
  readonly #twin: Twin;
  readonly #random: () => number;
  readonly #watches = new Set<Watch>();
  readonly #unlisted: Order[] = [];
  /** Of environments that come to be asked again and again. */
  readonly #homes = [new HomeBlocks(), new HomeBlocks(), new HomeBlocks()];
  #copy: TicketTypeCopy | undefined;
  #ledger: Ledger = { blocks: [], orders: [], pool: undefined, limits: new Map() };
  #now = START;
  #made = 0;
  readonly #seed: number;

  constructor(seed: number, forgotten?: Behaviour['forgotten']) {
    this.#seed = seed;
    this.#random = randomFrom(seed);
    this.#twin = new Twin({
      turn: async () => {
        for (let step = Math.floor(this.#random() * 4); step > 0; step -= 1) await Promise.resolve();
      },
      fault: () => {
        const dice = this.#random();
        if (dice < 0.12) return 'CONFLICT';
        if (dice < 0.16) return 'THROTTLE';
        return dice < 0.24 ? 'LOST' : undefined;
      },
      committed: (changes) => {
        this.#look(changes);
      },
      ...(forgotten === undefined ? {} : { forgotten }),
    });
  }

  /** Puts the type on sale in blocks of `sizes`. */
  async open(sizes: readonly number[]): Promise<void> {
    const as = {
      ticketTypeId: derivedId('type', String(this.#seed)),
      poolId: derivedId('pool', String(this.#seed)),
      eventId: derivedId('event', String(this.#seed)),
      organizationId: derivedId('organization', String(this.#seed)),
      blocks: sizes.length,
      capacity: sizes.reduce((sum, size) => sum + size, 0),
      maxPerPerson: LIMIT,
      closesAt: START + SALE_MS,
    };
    this.#copy = await putOnSale(this.#twin.table, START, as, sizes);
    // The sweep has come every minute until now.
    await rememberRun(this.#twin.table, 'LAPSED_HOLDS', START);
    // Buyers may have read another end of the sale: the blocks decide.
    this.#copy = { ...this.#copy, closesAt: START + 10 * SALE_MS };
  }

  /** Lets a wave act. */
  async run({ quiet, acts }: Wave): Promise<void> {
    this.#now += quiet * MINUTE;
    await Promise.all(acts.map((act) => this.#act(act)));
  }

  /** Everything lapses and is swept; what is left must be paid or free. */
  async settle(): Promise<void> {
    this.#now += 60 * MINUTE;
    await this.#attempt('sweep', async () => this.#sweep(this.#now));
    // A run that has died keeps its order until another finishes it, so its stock is not missed.
    const left = this.#ledger.orders.filter(({ state }) => state === 'HELD' || state === 'PENDING');
    if (left.length > 0)
      this.faults.push(`HOLD_OUTLIVED: ${left.map(({ orderId, state }) => `${orderId} ${state}`).join()}`);
  }

  async #act(act: Act): Promise<void> {
    const now = this.#now + Math.floor(this.#random() * SKEW_MS);
    await this.#attempt(act.act, async () => {
      switch (act.act) {
        case 'hold':
          return this.#hold(act, now);
        case 'sweep':
          return this.#sweep(now);
        case 'resize':
          return this.#resize(act.capacity, now);
        case 'block':
          return (await blockStock(this.#twin.table, this.#type().poolId, act.quantity, occasionAt(now))).ok
            ? 'done'
            : 'refused';
        case 'spread':
          return (await spreadStock(this.#twin.table, this.#type().poolId, act.holdsPerSecond, occasionAt(now))).ok
            ? 'done'
            : 'refused';
        case 'release':
        case 'order':
        case 'pay':
        case 'decline':
          return this.#toOrder(act.act, act.which, now);
      }
    });
  }

  /** Being busy is an answer, and so is a refused step; any other fault is one of the program. */
  async #attempt(what: string, run: () => Promise<string>): Promise<void> {
    let outcome: string;
    try {
      outcome = await run();
    } catch (error) {
      if (error instanceof StoreBusyError) outcome = 'BUSY';
      else if (error instanceof StepRefusal) outcome = error.name;
      else {
        outcome = 'FAULT';
        this.faults.push(`${what}: ${String(error)}`);
      }
    }
    const name = `${what} ${outcome}`;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }

  async #hold({ person, quantity, twice }: Extract<Act, { act: 'hold' }>, now: Instant): Promise<string> {
    const type = this.#type();
    this.#made += 1;
    const orderId = derivedId('order', String(this.#seed), String(this.#made));
    const personId = `person-${person}`;
    const request = {
      orderId,
      customerId: personId,
      wishes: [{ ticketTypeId: type.ticketTypeId, quantity }],
      types: new Map([[type.ticketTypeId, type]]),
      retriable: true,
      // What is proven is judged anew each time; where tickets were found last is remembered.
      memory: { ...stockMemory(() => now), homes: this.#homes[person % this.#homes.length] ?? new HomeBlocks() },
    };
    const watch: Watch = { lowestFree: this.#free(), traffic: 0, mostHeld: this.#heldBy(personId), personId };
    this.#watches.add(watch);
    try {
      // A double click sends the same request twice at once.
      const [held] = await Promise.all(
        Array.from({ length: twice ? 2 : 1 }, () => placeHold(this.#twin.table, request, occasionAt(now))),
      );
      if (held === undefined || held.ok) return 'held';
      this.#judgeRefusal(held.error.code, quantity, watch);
      return held.error.code;
    } finally {
      this.#watches.delete(watch);
    }
  }

  /** Nobody is told that there is nothing while there is (I21), nor that a limit is reached that is not (I12). */
  #judgeRefusal(code: string, quantity: number, { lowestFree, traffic, mostHeld }: Watch): void {
    const short = code === 'SOLD_OUT' || code === 'NOT_ENOUGH_TICKETS';
    if (short && lowestFree >= quantity && traffic === 0)
      this.faults.push(`${code} for ${quantity} while ${lowestFree} were free all the time`);
    if (code === 'LIMIT_EXCEEDED' && mostHeld + quantity <= LIMIT)
      this.faults.push(`${code} for ${quantity} of a person who had ${mostHeld} at most`);
  }

  async #toOrder(act: 'release' | 'order' | 'pay' | 'decline', which: number, now: Instant): Promise<string> {
    const { orders } = this.#ledger;
    const chosen = orders[which % Math.max(1, orders.length)];
    if (chosen === undefined) return 'nothing to do';
    const { table } = this.#twin;
    const occasion = occasionAt(now);
    const order = await findOrder(table, chosen.orderId);
    if (order === undefined) return 'gone';
    if (act === 'release') {
      const released = await releaseHold(table, order, occasion);
      return released.ok ? 'done' : released.error.code;
    }
    if (act === 'order') {
      if (order.state !== 'HELD') return `${order.state} already`;
      return (await commit(table, [orderReservation(order, `pi_${order.orderId}`, occasion, () => 'MOVED').write])).ok
        ? 'done'
        : 'MOVED';
    }
    if (order.state === 'HELD') return 'not ordered yet';
    this.#made += 1;
    const run = `run-${this.#made}`;
    const { order: secured } = await secureInventory(table, { run, startedAt: now, order }, occasion);
    const state = { run, startedAt: now, order: secured };
    if (act === 'pay') return (await confirmOrder(table, state, occasion)).outcome;
    await releaseInventory(table, state, occasion);
    return 'released';
  }

  async #sweep(now: Instant): Promise<string> {
    const { table } = this.#twin;
    const listed = this.#unlisted.splice(0);
    // The relay lists holds when it comes to them; until then the sweep does not know them.
    await putItems(
      table,
      listed.flatMap(({ expiresAt, orderId }) => enlist('LAPSED_HOLDS', expiresAt, [orderId])),
    );
    const { faults = 0 } = await expireHolds(table, occasionAt(now));
    return faults === 0 ? 'done' : 'with faults';
  }

  async #resize(capacity: number, now: Instant): Promise<string> {
    const { table } = this.#twin;
    const { poolId, ticketTypeId } = this.#type();
    const planned = await changeCapacity(table, poolId, capacity, 90, occasionAt(now), () => 'MOVED');
    if (!planned.ok) return typeof planned.error === 'string' ? planned.error : 'TOO_LOW';
    const { writes, copied } = planned.value;
    return (await commit(table, [...writes, ...changeCopies([ticketTypeId], copied)])).ok ? 'done' : 'MOVED';
  }

  #look(changes: readonly Change[]): void {
    const [blocks, orders] = [changes.some(isBlock), changes.some(isOrder)];
    this.#ledger = ledgerOf(this.#twin.items());
    this.faults.push(...faultsOf(this.#ledger, changes, LIMIT));
    for (const { before, after } of changes.filter(isOrder))
      if (before === undefined && after !== undefined)
        this.#unlisted.push(parseOrder({ ...after, pk: String(after['pk']), sk: 'ORDER' }));
    for (const watch of this.#watches) {
      watch.lowestFree = Math.min(watch.lowestFree, this.#free());
      watch.mostHeld = Math.max(watch.mostHeld, this.#heldBy(watch.personId));
      if (blocks && orders) watch.traffic += 1;
    }
  }

  #free(): number {
    return this.#ledger.blocks.reduce((sum, { free }) => sum + free, 0);
  }

  #heldBy(personId: string): number {
    return this.#ledger.limits.get(personId) ?? 0;
  }

  #type(): TicketTypeCopy {
    if (this.#copy === undefined) throw new Error('Nothing is on sale yet');
    return this.#copy;
  }
}

function occasionAt(now: Instant): { now: Instant; correlationId: string; by: string } {
  return { now, correlationId: 'model', by: 'system' };
}
