import { ok } from '../shared/kernel/result.ts';
import { serveTo, type Served } from '../shared/runtime/http.ts';
import { readKey } from '../shared/runtime/secrets.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Table } from '../shared/table/client.ts';
import { answerChanged, answerCreated } from './answers.ts';
import type { CancellationRuns } from './cancellation-runs.ts';
import { cancelEvent, cancellationCsv, showCancellation } from './app/cancel-event.ts';
import { createEvent } from './app/create-event.ts';
import { duplicateEvent } from './app/duplicate-event.ts';
import { archiveEvent, deleteEvent, editEvent, featureEvent } from './app/edit-event.ts';
import { listOrganizationEvents } from './app/list-organization-events.ts';
import { rescheduleEvent, unpublishEvent } from './app/move-event.ts';
import { publishEvent } from './app/publish-event.ts';
import { versionAsked } from '../shared/runtime/conditional.ts';
import * as routes from './organizer-routes.ts';
import { ownedEvents, ownedOrganizations } from './owned.ts';

/** What the routes below need. */
interface Parts {
  readonly table: Table;
  readonly cursorKeyParameter: string;
  readonly runs: CancellationRuns;
}

/** The routes by which organizers make, change and move events, each with its use case. */
export function serveEvents({ table, cursorKeyParameter, runs }: Parts): readonly Served[] {
  const events = ownedEvents(table);
  return [
    serveTo(routes.createEvent, async ({ body: draft, session, headers, now, occasion }) =>
      answerCreated(
        await createEvent(table, { draft, session, idempotencyKey: headers['idempotency-key'] }, occasion),
        now,
      ),
    ),
    serveOwned(routes.duplicateEvent, events, async ({ body: wanted, session, headers, now, occasion }, event) =>
      answerCreated(
        await duplicateEvent(table, { event, wanted, session, idempotencyKey: headers['idempotency-key'] }, occasion),
        now,
      ),
    ),
    serveOwned(routes.editEvent, events, async ({ body, headers, now, occasion }, event) =>
      answerChanged(await editEvent(table, { event, version: versionAsked(headers['if-match']) }, body, occasion), now),
    ),
    serveOwned(routes.deleteEvent, events, async ({ headers, occasion }, event) => {
      const deleted = await deleteEvent(table, { event, version: versionAsked(headers['if-match']) }, occasion);
      return deleted.ok ? ok({ status: 204 }) : deleted;
    }),
    serveOwned(routes.publishEvent, events, async ({ now, occasion }, event) =>
      answerChanged(await publishEvent(table, event, occasion), now),
    ),
    serveOwned(routes.unpublishEvent, events, async ({ headers, now, occasion }, event) =>
      answerChanged(await unpublishEvent(table, { event, version: versionAsked(headers['if-match']) }, occasion), now),
    ),
    serveOwned(routes.rescheduleEvent, events, async ({ body, headers, now, occasion }, event) =>
      answerChanged(
        await rescheduleEvent(table, { event, version: versionAsked(headers['if-match']) }, body, occasion),
        now,
      ),
    ),
    serveOwned(routes.cancelEvent, events, async ({ body: { reason }, headers, occasion }, event) => {
      const target = { event, version: versionAsked(headers['if-match']) };
      const begun = await cancelEvent(table, target, reason, runs, occasion);
      return begun.ok ? ok({ status: 202, body: begun.value }) : begun;
    }),
    serveOwned(routes.getCancellationReceipt, events, async (_request, event) => {
      const csv = await cancellationCsv(table, event);
      return csv.ok
        ? ok({
            status: 200,
            file: { bytes: Buffer.from(csv.value), mediaType: 'text/csv; charset=utf-8', name: 'receipt.csv' },
          })
        : csv;
    }),
    serveOwned(routes.getCancellation, events, async (_request, event) => {
      const shown = await showCancellation(table, event);
      return shown.ok ? ok({ status: 200, body: shown.value }) : shown;
    }),
    serveOwned(routes.archiveEvent, events, async ({ headers, now, occasion }, event) =>
      answerChanged(await archiveEvent(table, { event, version: versionAsked(headers['if-match']) }, occasion), now),
    ),
    serveOwned(routes.featureEvent, events, async ({ body: { featured }, now, occasion }, event) =>
      answerChanged(await featureEvent(table, event, featured, occasion), now),
    ),
    serveOwned(routes.listOrganizationEvents, ownedOrganizations, async ({ query, now }, organizationId) => {
      const asked = { organizationId, ...query };
      const body = await listOrganizationEvents(table, await readKey(cursorKeyParameter), asked, now);
      return ok({ status: 200, body });
    }),
  ];
}
