import { blockKeys } from '../../functions/inventory/keys.ts';
import { stockMemory, type StockMemory } from '../../functions/inventory/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { StoreBusyError } from '../../functions/shared/table/commit.ts';
import type { Arrival } from './arrivals.ts';
import { ModelDynamo, noUsage, type DynamoModel, type Usage } from './dynamo.ts';
import { Chance, type Range } from './random.ts';
import { OPENED_AT, putOnSale } from './stock.ts';
import { VirtualTime } from './virtual-time.ts';

/** How buyers and the edge behave: assumptions, see `docs/on-sale.md`. */
export interface CrowdModel {
  /** Requests that are worked on at the same time; who comes beyond that is turned away and comes back. */
  readonly concurrency: number;
  /** How long somebody waits who was told to come back. */
  readonly comeBack: Range;
  /** Times that somebody comes back before giving up. */
  readonly patience: number;
  /** How old what a page shows as available is. */
  readonly shownAfterMs: number;
  /** Which of the free environments takes the next request: the one that was free last, or any. */
  readonly environments: 'LAST_FREE' | 'ANY_FREE';
}

/** One on-sale to simulate. */
export interface Sale {
  readonly tickets: number;
  readonly blocks: number;
  readonly arrivals: readonly Arrival[];
  readonly dynamo: DynamoModel;
  readonly crowd: CrowdModel;
  readonly seed: number;
}

/** How it went for one buyer. */
type Ending = 'HELD' | 'SOLD_OUT' | 'TOO_FEW_LEFT' | 'SAW_SOLD_OUT' | 'GAVE_UP';

/** One buyer's story. */
export interface Story extends Arrival {
  ending: Ending | undefined;
  /** When it ended, milliseconds after the sale opened. */
  endedAt: number;
  readonly usage: Usage;
}

/** What an on-sale has come to. */
export interface SaleResult {
  readonly stories: readonly Story[];
  /** Tickets that nobody holds in the end. */
  readonly left: number;
  /** Buyers who were told that there is nothing while as many as they wanted were free all the while (invariant I21). */
  readonly toldWrongly: number;
}

/** Lives through an on-sale: the real hold, from the choice of blocks to the last retry, on a model of what is around it. */
export async function simulate(sale: Sale): Promise<SaleResult> {
  const time = new VirtualTime();
  const dynamo = new ModelDynamo(time, new Chance(sale.seed, 'dynamo'), sale.dynamo);
  const copy = await putOnSale(dynamo.twin.table, sale.tickets, sale.blocks);
  const types = new Map([[copy.ticketTypeId, copy]]);
  const keys = blockKeys(copy.poolId, copy.blocks);
  const free = (): number => keys.reduce((sum, key) => sum + Number(dynamo.twin.at({ ...key })?.['free']), 0);

  // An environment serves one request at a time.
  const idle: StockMemory[] = [];
  const clock = (): number => OPENED_AT + Math.floor(time.now);

  const chance = new Chance(sale.seed, 'buyers');
  const { concurrency, comeBack, patience, shownAfterMs, environments } = sale.crowd;
  const picked = new Chance(sale.seed, 'environments');
  const environment = (): StockMemory => {
    const last = idle.length - 1;
    const index = environments === 'LAST_FREE' ? last : Math.min(last, Math.floor(picked.next() * idle.length));
    return idle.splice(index, 1)[0] ?? stockMemory(clock);
  };
  let [running, taken, soldOutAt, toldWrongly] = [0, 0, Infinity, 0];

  const ask = async (story: Story, buyer: number, look: number): Promise<void> => {
    running += 1;
    const memory = environment();
    const table = dynamo.tableFor(story.usage);
    try {
      // The session and the copy of the type are read beside each other before the hold itself.
      await time.sleep(2 * chance.within(sale.dynamo.leg) + chance.within(sale.dynamo.read));
      const takenBefore = taken;
      const freeBefore = sale.tickets - taken;
      const held = await placeHold(
        table,
        {
          orderId: derivedId('simulated', String(buyer), String(look)),
          customerId: derivedId('buyer', String(buyer)),
          wishes: [{ ticketTypeId: copy.ticketTypeId, quantity: story.tickets }],
          types,
          memory,
          retriable: false,
        },
        { now: clock(), correlationId: 'simulation', by: 'system' },
      );
      if (held.ok) {
        taken += story.tickets;
        if (taken === sale.tickets) soldOutAt = time.now;
        end(story, 'HELD');
      } else {
        if (taken === takenBefore && freeBefore >= story.tickets) toldWrongly += 1;
        end(story, held.error.code === 'SOLD_OUT' ? 'SOLD_OUT' : 'TOO_FEW_LEFT');
      }
    } catch (error) {
      if (!(error instanceof StoreBusyError)) throw error;
      comeAgain(story, buyer, look);
    } finally {
      idle.push(memory);
      running -= 1;
    }
  };
  const end = (story: Story, ending: Ending): void => {
    story.ending = ending;
    story.endedAt = time.now;
  };
  const comeAgain = (story: Story, buyer: number, look: number): void => {
    if (look >= patience) end(story, 'GAVE_UP');
    else time.after(chance.within(comeBack), () => come(story, buyer, look + 1));
  };
  const faults: unknown[] = [];
  const come = (story: Story, buyer: number, look: number): Promise<void> | undefined => {
    if (time.now >= soldOutAt + shownAfterMs) end(story, 'SAW_SOLD_OUT');
    else if (running >= concurrency) comeAgain(story, buyer, look);
    else return ask(story, buyer, look).catch((error: unknown) => void faults.push(error));
    return undefined;
  };

  const stories = sale.arrivals.map((arrival): Story => ({
    ...arrival,
    ending: undefined,
    endedAt: 0,
    usage: noUsage(),
  }));
  await time.govern(new Chance(sale.seed, 'pauses').next, async () => {
    // Whoever comes lets the next one come: half a million who wait would make each step slower.
    const open = (buyer: number): void => {
      const story = stories[buyer];
      if (story === undefined) return;
      time.after(story.at - time.now, () => {
        open(buyer + 1);
        return come(story, buyer, 0);
      });
    };
    open(0);
    await time.run();
  });
  if (faults.length > 0) throw faults[0];
  if (free() !== sale.tickets - taken) throw new Error(`${free()} tickets are free where ${taken} are held`);
  return { stories, left: sale.tickets - taken, toldWrongly };
}
