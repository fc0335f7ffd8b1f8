import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve, serveTo } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerChanged, answerCreated, answerEvent, answerTicketTypes, publicly } from '../answers.ts';
import { createEvent } from '../app/create-event.ts';
import { publishEvent } from '../app/publish-event.ts';
import { showCategories, showEvent, showTicketType } from '../app/show-events.ts';
import * as contract from '../contract.ts';
import { ownedEvents } from '../owned.ts';

const env = readEnv(contract.catalogEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(contract.createEvent, async ({ body: draft, session, headers, now, occasion }) =>
    answerCreated(
      await createEvent(table, { draft, session, idempotencyKey: headers['idempotency-key'] }, occasion),
      now,
    ),
  ),
  serve(contract.getEvent, async ({ params: { eventId }, caller, ...asked }) =>
    answerEvent(await showEvent(table, eventId, caller), asked),
  ),
  serveOwned(contract.publishEvent, ownedEvents(table), async ({ now, occasion }, event) =>
    answerChanged(await publishEvent(table, event, occasion), now),
  ),
  serve(contract.listTicketTypes, async ({ query: { eventId }, caller, ...asked }) =>
    answerTicketTypes(await showEvent(table, eventId, caller), asked),
  ),
  serve(contract.getTicketType, async ({ params: { ticketTypeId }, ...asked }) =>
    publicly(await showTicketType(table, ticketTypeId, asked.now), asked),
  ),
  serve(contract.listCategories, async (asked) => publicly(ok(showCategories()), asked, 'minutes')),
]);
