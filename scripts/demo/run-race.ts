import { ulid } from 'ulid';

import { mintSession } from '../../functions/users/app/mint-session.ts';
import { auditInvariants } from '../audit/invariants.ts';
import {
  AdviceError,
  findLocalSystem,
  openLocalTable,
  readLocalKeyRing,
  readRows,
  readStandInLedger,
  waitForRest,
  type LocalSystem,
} from '../audit/local-system.ts';
import { describeReport } from '../audit/print.ts';
import { ApiClient } from './client.ts';
import { draftEvent, logIn, publishEvent } from './event.ts';
import { describeRace, judgeRace } from './race-report.ts';
import { race, settleRace } from './race.ts';
import type { Screen } from './screen.ts';
import { order } from './shapes.ts';

/** A race against the running local system. */
export interface RunRaceOptions {
  readonly controlUrl: string;
  readonly buyers: number;
  readonly tickets: number;
}

/** Sessions minted at a time. */
const BATCH = 50;
const REST_WITHIN_MS = 120_000;

/** Sells `tickets` to `buyers` who all come at once, and judges it. @returns whether everything held */
export async function runRace(screen: Screen, options: RunRaceOptions): Promise<boolean> {
  const { buyers, tickets } = options;
  const system = await findLocalSystem(options.controlUrl);
  const api = new ApiClient(system.url, screen);
  screen.step(`The organiser puts ${tickets} tickets on sale`);
  const organizer = await logIn(api, 'organizer@onsale.example');
  const draft = await draftEvent(api, organizer.token, {
    title: `Race of ${buyers} for ${tickets}`,
    tickets,
    price: 2_500,
  });
  const event = await publishEvent(api, organizer.token, draft.id);
  const ticketTypeId = event.ticketTypes[0]?.id;
  if (ticketTypeId === undefined) throw new AdviceError('The published event shows no ticket type.');

  screen.step(`${buyers} buyers get a session each (straight into the table: log-ins would take minutes)`);
  const tokens = await mintBuyers(system, buyers);

  screen.step('They all want one ticket, now: hold, order, pay, confirm');
  const startedAt = performance.now();
  const results = await race({ url: system.url, stripeUrl: system.stripeUrl, ticketTypeId, tokens }, (finished) =>
    screen.progress(`${finished} of ${buyers} buyers have an answer`),
  );
  screen.progress('');
  const seconds = (performance.now() - startedAt) / 1_000;

  screen.step('The system comes to rest; orders that a confirmation left open are read, and everything is audited');
  const busy = await waitForRest(options.controlUrl, REST_WITHIN_MS);
  if (busy.length > 0) throw new AdviceError(`The system does not come to rest: ${busy.join(', ')}.`);
  const buyersApi = new ApiClient(system.url);
  const settled = await settleRace(results, async (orderId, buyer) => {
    const token = tokens[buyer] ?? '';
    return (await buyersApi.call({ method: 'GET', path: `/api/orders/${orderId}`, token }, order)).status;
  });
  const verdict = judgeRace(settled, tickets);
  for (const line of describeRace(settled, verdict, seconds)) screen.line(`    ${line}`);
  screen.line('');
  const table = openLocalTable(system);
  const rows = await readRows(table);
  table.client.destroy();
  const report = auditInvariants({ rows, ledger: await readStandInLedger(system.stripeUrl), at: Date.now() });
  for (const line of describeReport(report)) screen.line(`    ${line}`);

  for (const fault of verdict.faults) screen.line(`FAULT: ${fault}`);
  const held = verdict.faults.length === 0 && report.holds;
  screen.line(
    held
      ? `\n${verdict.sold} of ${tickets} sold, nobody misled, every payment accounted for.`
      : '\nThe race did not hold.',
  );
  return held;
}

async function mintBuyers(system: LocalSystem, buyers: number): Promise<readonly string[]> {
  const ring = await readLocalKeyRing(system);
  const table = openLocalTable(system);
  const tokens: string[] = [];
  while (tokens.length < buyers) {
    const batch = Math.min(BATCH, buyers - tokens.length);
    const now = Date.now();
    const minted = await Promise.all(
      Array.from({ length: batch }, () =>
        mintSession(table, ring, { userId: ulid(now), roles: ['customer'], memberships: [], now }),
      ),
    );
    tokens.push(...minted.map(({ accessToken }) => accessToken));
  }
  table.client.destroy();
  return tokens;
}
