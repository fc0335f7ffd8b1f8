import { ACCESS_CODE_HEADER } from '../../shared/kernel/access-code.ts';
import { ok } from '../../shared/kernel/result.ts';
import { sentCode } from '../../shared/runtime/access-codes.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerEvent, answerTicketTypes, publicly } from '../answers.ts';
import { showCategories, showEvent, showTicketType } from '../app/show-events.ts';
import * as contract from '../contract.ts';

const env = readEnv(contract.catalogEnv);
const table = openTable(env.TABLE_NAME);
const limiter = limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER);

/** What anybody reads of events. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serve(contract.getEvent, async ({ params: { eventId }, caller, ...asked }) =>
    answerEvent(await showEvent(table, eventId, caller, sentCode(limiter, asked)), asked),
  ),
  serve(contract.listTicketTypes, async ({ query: { eventId }, caller, ...asked }) =>
    answerTicketTypes(await showEvent(table, eventId, caller, sentCode(limiter, asked)), asked),
  ),
  serve(contract.getTicketType, async ({ params: { ticketTypeId }, ...asked }) =>
    publicly(
      await showTicketType(table, ticketTypeId, asked.now, sentCode(limiter, asked)),
      asked,
      asked.headers[ACCESS_CODE_HEADER] === undefined ? 'live' : 'never',
    ),
  ),
  serve(contract.listCategories, async (asked) => publicly(ok(showCategories()), asked, 'minutes')),
]);
