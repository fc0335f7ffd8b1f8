import type { SeatsSnapshot } from '../../functions/venues/domain/seats-view.ts';
import { answerSeats } from '../../functions/venues/answers.ts';
import { colorsOf } from '../../functions/venues/domain/colors.ts';
import { importPlan } from '../../functions/venues/domain/import-plan.ts';
import { statusOf } from '../../functions/venues/domain/seat-status.ts';
import { supplyOf } from '../../functions/venues/domain/supply.ts';
import { ok } from '../../functions/shared/kernel/result.ts';
import { generatePlan } from '../plan/generate.ts';
import { placeHold } from './flows.ts';
import { sumOf, type BenchContext, type BenchRow, type Measured } from './row.ts';
import { openSeats, signIn } from './world.ts';

const SEATS = 20_000;
const MOST_BYTES = 300 * 1024;
/** When the rows were last written, and when one of them was after that. */
const [OPENED, LATER] = [1_000_000, 2_000_000];

/** Numbers from 0 to 1 that look like chance, the same each time (Park and Miller). */
function* lottery(): Generator<number, never> {
  for (let state = SEATS; ; state = (state * 48_271) % 2_147_483_647) yield state / 2_147_483_647;
}

/** A house of which chance has sold a third, held a tenth and blocked a twentieth: what packs worst. */
function snapshot(): SeatsSnapshot {
  const { plan } = importPlan(generatePlan(SEATS));
  if (plan === undefined) throw new Error('The generated plan has faults');
  const supply = { planId: '01J00000000000000000000001', venueId: '01J00000000000000000000002', ...supplyOf(plan) };
  const chance = lottery();
  const [stock, sold] = [new Array<Parameters<typeof statusOf>[1][number]>(), new Map<string, Set<string>>()];
  for (const { name, rows } of supply.categories) {
    for (const [row, { rowId, seats }] of rows.entries()) {
      const [free, blocked] = [new Set<string>(), new Set<string>()];
      for (const { id } of seats) {
        const drawn = chance.next().value;
        if (drawn < 0.05) blocked.add(id);
        else if (drawn >= 0.48) free.add(id);
        if (drawn >= 0.15 && drawn < 0.48) sold.set(rowId, (sold.get(rowId) ?? new Set()).add(id));
      }
      stock.push({ category: name, row, free, blocked, touched: stock.length === 0 ? LATER : OPENED });
    }
  }
  const marks = [...sold].map(([rowId, seats]) => ({ rowId, seats, touched: OPENED }));
  const pricing = supply.categories.map(({ name }) => ({
    category: name,
    ticketTypeId: '01J00000000000000000000003',
    name,
    price: { amount: 4_500, currency: 'EUR' },
  }));
  return { supply, colors: colorsOf(plan), rows: statusOf(supply, stock, marks), pricing, version: LATER };
}

async function measure(): Promise<Measured> {
  const shown = ok(snapshot());
  const bytesOf = (encoding: string, since?: number): number => {
    const answer = answerSeats(shown, since, { 'accept-encoding': encoding });
    return answer.ok ? (answer.value.file?.bytes.length ?? 0) : 0;
  };
  const values = {
    brotli: bytesOf('br'),
    gzip: bytesOf('gzip'),
    plain: bytesOf(''),
    delta: bytesOf('br', OPENED + 60_000),
  };
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
  return {
    figure: `${kilobytes(values.brotli)} (gzip ${kilobytes(values.gzip)})`,
    met: Math.max(values.brotli, values.gzip) <= MOST_BYTES,
    terms: [
      `${SEATS.toLocaleString('en')} seats, sold, held and blocked by chance: ${kilobytes(values.plain)} unpacked`,
      `the changes of one row: ${kilobytes(values.delta)}`,
    ],
    values,
  };
}

/** Rows, and seats in each, of the house that holds are made in. */
const [ROWS, LENGTH] = [60, 60];

/** What a hold of the seats that `choose` names costs, in a house where nothing is held yet. */
async function holdOf(
  { world, handlers }: BenchContext,
  choose: (index: number) => string,
  count: number,
): Promise<{ readonly units: ReadonlyMap<string, number>; readonly bytes: number }> {
  const ticketTypeId = await openSeats(world, ROWS, LENGTH);
  const buyer = await signIn(world);
  world.meter.reset();
  const seatIds = Array.from({ length: count }, (_unused, index) => choose(index));
  await world.meter.during('hold', () => placeHold(handlers, buyer, ticketTypeId, seatIds));
  const charges = world.meter.calls.flatMap((call) => call.charges);
  const bytes = Math.max(
    ...charges.filter(({ kind, row }) => kind === 'write' && row === 'order').map((charge) => charge.bytes),
  );
  return { units: world.meter.units('write', 'hold'), bytes };
}

async function measureHolds(context: BenchContext): Promise<Measured> {
  const pair = await holdOf(context, (index) => `0-${index + 1}`, 2);
  const together = await holdOf(context, (index) => `0-${index + 1}`, LENGTH);
  const scattered = await holdOf(context, (index) => `${index}-1`, ROWS);
  const sum = (units: ReadonlyMap<string, number>): number =>
    [...units.values()].reduce((total, each) => total + each, 0);
  const values = { pair: sum(pair.units), together: sum(together.units), scattered: sum(scattered.units) };
  return {
    figure: `${values.pair} (2 in a row), ${values.together} (60 in a row), ${values.scattered} (60 in 60 rows)`,
    met: values.pair <= 4,
    terms: [
      `2 seats side by side: ${sumOf(pair.units)}`,
      `60 seats of one row: ${sumOf(together.units)}`,
      `one seat of each of 60 rows, in one transaction: ${sumOf(scattered.units)}`,
      `a row of ${LENGTH} seats is one item; the order with 60 seats and their names has ${scattered.bytes} bytes`,
    ],
    values,
  };
}

/** What a hold of seats costs, by how it is spread over rows. */
export const SEAT_HOLDS_ROW: BenchRow = {
  id: 'seat-holds',
  metric: 'write units per hold of seats',
  field: 'one for each seat, twice in a transaction',
  goal: '≤ 4 for 2 seats side by side',
  measure: measureHolds,
};

/** What a buyer loads to see the seats of a large house. */
export const SEATS_ROW: BenchRow = {
  id: 'seats',
  metric: 'seat map of 20,000 seats with status, compressed',
  field: '2,000 seats is others’ documented limit',
  goal: '≤ 300 KB',
  measure,
};
