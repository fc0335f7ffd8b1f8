import { spreadFor } from '../../functions/inventory/domain/spread.ts';
import { crowd, paced, pacedDemand, PARTIES_OF_TWO_AND_MORE, USUAL_PARTIES, type Arrival } from './arrivals.ts';
import type { DynamoModel } from './dynamo.ts';
import { Chance } from './random.ts';
import { simulate, type CrowdModel, type Sale } from './sale.ts';
import { summarise, type Summary } from './summary.ts';

/** Blocks of the report: from one hot item to one for each row of a hall. */
export const BLOCKS: readonly number[] = [1, 4, 16, 64, 256, 1_563];

/** What DynamoDB and buyers are taken to do, unless told otherwise; sources in `docs/on-sale.md`. */
export const DYNAMO: DynamoModel = {
  lock: { from: 5, to: 25 },
  read: { from: 1, to: 4 },
  leg: { from: 0.5, to: 1.5 },
  warmWrites: 100_000,
};
export const CROWD: CrowdModel = {
  concurrency: 3_000,
  comeBack: { from: 1_000, to: 3_000 },
  patience: 5,
  shownAfterMs: 2_000,
  environments: 'LAST_FREE',
};

/** Settings of a report. */
export interface Settings {
  readonly buyers: number;
  readonly tickets: number;
  readonly seconds: number;
  readonly seed: number;
  readonly dynamo: DynamoModel;
  readonly crowd: CrowdModel;
}

export const SETTINGS: Settings = {
  // Half a million within a minute: after these few seconds they find a page that says "sold out", or nothing changes any more.
  buyers: 100_000,
  tickets: 50_000,
  seconds: 12,
  seed: 20_261_125,
  dynamo: DYNAMO,
  crowd: CROWD,
};

/** Buyers a second whom a waiting room lets in, and the blocks that an on-sale begins with. */
export const PACE = 80;
export const PACED_BLOCKS = 16;
const PACED_TICKETS = 16_000;
/** Let in slowly, so that what is left over at the end is the blocks' doing and not the crowd's. */
const STRANDING_PACE = 40;

/** Everybody at once, none held back: `buyers` at random over `seconds`. */
export function unpaced(settings: Settings, blocks: number): Promise<Summary> {
  const arrivals = crowd(settings.buyers, settings.seconds, USUAL_PARTIES, arriving(settings));
  return run(settings, settings.tickets, blocks, arrivals);
}

/** How many blocks the rule chooses for the crowd of {@link unpaced}. */
export function blocksByRule({ buyers, seconds }: Settings): number {
  return spreadFor(buyers / seconds, 1);
}

/** A waiting room lets {@link PACE} a second in, as many as there are tickets for. */
export function pacedSale(settings: Settings, blocks: number): Promise<Summary> {
  return run(settings, PACED_TICKETS, blocks, paced(PACED_TICKETS / 2, PACE, USUAL_PARTIES, arriving(settings)));
}

/** Parties of two and more who want exactly what there is: what is left over is stranded. */
export function wholeDemand(settings: Settings, blocks: number): Promise<Summary> {
  const { tickets } = settings;
  const arrivals = pacedDemand(tickets, STRANDING_PACE, PARTIES_OF_TWO_AND_MORE, arriving(settings));
  return run(settings, tickets, blocks, arrivals);
}

/** Who came when, as a trace tells. */
export function replay(settings: Settings, blocks: number, arrivals: readonly Arrival[]): Promise<Summary> {
  return run(settings, settings.tickets, blocks, arrivals);
}

function arriving({ seed }: Settings): Chance {
  return new Chance(seed, 'arrivals');
}

async function run(
  { dynamo, crowd: buyers, seed }: Settings,
  tickets: number,
  blocks: number,
  arrivals: readonly Arrival[],
): Promise<Summary> {
  const sale: Sale = { tickets, blocks, arrivals, dynamo, crowd: buyers, seed };
  return summarise(await simulate(sale), blocks);
}
