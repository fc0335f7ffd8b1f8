import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer, Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { tagOf } from './answers.ts';
import {
  addTicketType,
  deleteTicketType,
  editTicketType,
  setAccessCodes,
  type ChangedType,
} from './app/change-ticket-types.ts';
import { versionAsked } from '../shared/runtime/conditional.ts';
import { listPrices } from './app/list-prices.ts';
import { viewTicketTypes } from './domain/view.ts';
import { readKey } from '../shared/runtime/secrets.ts';
import * as routes from './organizer-routes.ts';
import { ownedEvents, ownedTicketTypes } from './owned.ts';

/** What the routes below need. */
interface Parts {
  readonly table: Table;
  readonly cursorKeyParameter: string;
}

/** The routes by which organizers change the ticket types of their events, each with its use case. */
export function serveTicketTypes({ table, cursorKeyParameter }: Parts): readonly Served[] {
  const events = ownedEvents(table);
  const types = ownedTicketTypes(table);
  return [
    serveOwned(routes.addTicketType, events, async ({ body: draft, headers, now, occasion }, event) =>
      answerType(
        201,
        await addTicketType(
          table,
          { event, version: versionAsked(headers['if-match']) },
          { draft, idempotencyKey: headers['idempotency-key'] },
          occasion,
        ),
        now,
      ),
    ),
    serveOwned(routes.editTicketType, types, async ({ body, headers, now, occasion }, found) =>
      answerType(
        200,
        await editTicketType(table, { ...found, version: versionAsked(headers['if-match']) }, body, occasion),
        now,
      ),
    ),
    serveOwned(routes.setAccessCodes, types, async ({ body: { codes }, headers, now, occasion }, found) =>
      answerType(
        200,
        await setAccessCodes(table, { ...found, version: versionAsked(headers['if-match']) }, codes, occasion),
        now,
      ),
    ),
    serveOwned(routes.deleteTicketType, types, async ({ headers, occasion }, found) => {
      const target = { ...found, version: versionAsked(headers['if-match']) };
      const deleted = await deleteTicketType(table, target, occasion);
      return deleted.ok ? ok({ status: 204 }) : deleted;
    }),
    serveOwned(routes.listPrices, types, async ({ query }, { type }) =>
      ok({ status: 200, body: await listPrices(table, await readKey(cursorKeyParameter), type, query) }),
    ),
  ];
}

function answerType(status: number, changed: Result<ChangedType, Problem>, now: Instant): Result<Answer, Problem> {
  if (!changed.ok) return changed;
  const { event, availability, sees, ticketTypeId } = changed.value;
  const body = viewTicketTypes(event, availability, now, sees).find(({ id }) => id === ticketTypeId);
  return ok({ status, body, headers: { etag: tagOf(event) } });
}
