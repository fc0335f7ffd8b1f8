import { auditInvariants } from '../audit/invariants.ts';
import { readRows } from '../audit/local-system.ts';
import { countBy } from '../audit/report.ts';
import * as z from 'zod/mini';
import { askHold, buyHeld } from './flows.ts';
import type { BenchContext, BenchRow, Measured } from './row.ts';
import { openTicketType, signIn, type BenchBuyer } from './world.ts';

const RACES = 10;
const BUYERS = 100;
const TICKETS = 10;
const CONFLICTS = 0.2;
/** A buyer who is told to come back does, this often. */
const COMEBACKS = 10;

const held = z.object({ reservationId: z.string() });
const refusal = z.object({ code: z.string() });

/** One buyer: a hold, and the purchase if there was one. @returns `SOLD`, or the code of the refusal */
async function goFor({ world, handlers }: BenchContext, buyer: BenchBuyer, ticketTypeId: string): Promise<string> {
  for (let comeback = 0; ; comeback += 1) {
    const answer = await askHold(handlers, buyer, ticketTypeId, 1);
    if (answer.status === 201) {
      await buyHeld(world, handlers, buyer, z.parse(held, answer.json).reservationId);
      return 'SOLD';
    }
    if (answer.status !== 503 || comeback === COMEBACKS) return z.parse(refusal, answer.json).code;
  }
}

async function races(context: BenchContext): Promise<Measured> {
  const { world, progress } = context;
  const before = world.proxy.conflicts;
  world.proxy.metering = false;
  const outcomes: string[] = [];
  let [oversold, undersold] = [0, 0];
  try {
    for (let number = 1; number <= RACES; number += 1) {
      progress(`race ${number} of ${RACES}: ${BUYERS} buyers, ${TICKETS} tickets`);
      const ticketTypeId = await openTicketType(world, TICKETS);
      const buyers: BenchBuyer[] = [];
      while (buyers.length < BUYERS) buyers.push(await signIn(world));
      world.proxy.conflictRate = CONFLICTS;
      const results = await Promise.all(buyers.map((buyer) => goFor(context, buyer, ticketTypeId)));
      world.proxy.conflictRate = 0;
      const sold = results.filter((result) => result === 'SOLD').length;
      oversold += Math.max(0, sold - TICKETS);
      undersold += Math.max(0, TICKETS - sold);
      outcomes.push(...results);
    }
  } finally {
    world.proxy.conflictRate = 0;
    world.proxy.metering = true;
  }
  // Queues and stream are not emptied here, so what must hold after every step is judged.
  const report = auditInvariants({
    rows: await readRows(world.table),
    ledger: world.stripe.ledger(),
    at: Date.now(),
    world: 'in-flight',
  });
  const told = countBy(outcomes);
  const dishonest = Object.keys(told).filter((code) => !['SOLD', 'SOLD_OUT', 'NOT_ENOUGH_TICKETS'].includes(code));
  return {
    figure: `${oversold} and ${undersold}`,
    met: oversold === 0 && undersold === 0 && report.holds && dishonest.length === 0,
    terms: [
      `told: ${Object.entries(told)
        .map(([code, count]) => `${count} ${code}`)
        .join(', ')}; ${world.proxy.conflicts - before} conflicts injected`,
      `audit of what holds after every step (I1, I4, I5, I8, I11, I12): ${report.holds ? 'no difference' : report.differences.map(({ name, id }) => `${name} ${id}`).join(', ')}`,
    ],
    values: { oversold, undersold, sold: told['SOLD'] ?? 0, differences: report.differences.length },
  };
}

export const RACE_ROW: BenchRow = {
  id: 'race',
  metric: `oversold and undersold, ${BUYERS} buyers on ${TICKETS} tickets × ${RACES}, 20 % injected conflicts`,
  field: 'a leading TypeScript shop engine sold 100 of 10',
  goal: '0 and 0',
  measure: races,
};
