import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerAccepted, answerExport, answerVenue, answerVenues } from '../answers.ts';
import { acceptPlan } from '../app/accept-plan.ts';
import { archiveVenue, changeVenue, unchanged } from '../app/change-venue.ts';
import { createVenue } from '../app/create-venue.ts';
import { listVenues } from '../app/list-venues.ts';
import { showPlanOf } from '../app/show-plan.ts';
import * as contract from '../contract.ts';
import { ownedVenues } from '../owned.ts';

const env = readEnv(contract.venuesEnv);
const table = openTable(env.TABLE_NAME);
const venues = ownedVenues(table);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(contract.createVenue, async ({ body: draft, session, headers, occasion }) =>
    answerVenue(
      await createVenue(table, { draft, session, idempotencyKey: headers['idempotency-key'] }, occasion),
      201,
    ),
  ),
  serveTo(contract.listVenues, async ({ query, session }) =>
    answerVenues(await listVenues(table, await readKey(env.CURSOR_KEY_PARAMETER), query, session)),
  ),
  serveOwned(contract.getVenue, venues, async ({ headers }, venue) => answerVenue(ok(venue), 200, headers)),
  serveOwned(contract.updateVenue, venues, async ({ body, headers, occasion }, venue) =>
    answerVenue(await unchanged(venue, headers, 'is required', () => changeVenue(table, venue, body, occasion)), 200),
  ),
  serveOwned(contract.archiveVenue, venues, async ({ headers, occasion }, venue) =>
    answerVenue(await unchanged(venue, headers, 'may be left out', () => archiveVenue(table, venue, occasion)), 204),
  ),
  serveOwned(contract.putSeatingPlan, venues, async ({ body, headers, occasion }, venue) =>
    answerAccepted(
      await unchanged(venue, headers, venue.planId === undefined ? 'may be left out' : 'is required', () =>
        acceptPlan(table, venue, body, occasion),
      ),
    ),
  ),
  serveOwned(contract.getSeatingPlan, venues, async ({ query, headers }, venue) =>
    answerExport(await showPlanOf(table, venue, query.version), headers),
  ),
]);
