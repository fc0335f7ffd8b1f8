import { ulid } from 'ulid';

import { ownedEvents } from '../../catalog/owned.ts';
import { findEvent } from '../../catalog/reads.ts';
import { readTicketSeeds } from '../../delivery/codes.ts';
import { ok } from '../../shared/kernel/result.ts';
import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveLoading } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerScan } from '../app/answer-scan.ts';
import { listScansFor } from '../app/list-scans.ts';
import { readScanned } from '../app/scan-ticket.ts';
import { listScans, scanEnv, validateTicket } from '../contract.ts';
import type { OrganizationOf } from '../ports.ts';

const env = readEnv(scanEnv);
const table = openTable(env.TABLE_NAME);
const organizationOf: OrganizationOf = async (eventId) => (await findEvent(table, eventId))?.organizationId;

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveLoading(
    validateTicket,
    async ({ body }) => readScanned(table, await readTicketSeeds(env.TICKET_SEED_PARAMETER), body.qr),
    async (request, scanned) =>
      inJson(await answerScan(table, organizationOf, request, scanned, () => ulid(request.now))),
  ),
  serveOwned(listScans, ownedEvents(table), async (asked) =>
    inJson(ok(await listScansFor(table, asked, await readKey(env.CURSOR_KEY_PARAMETER)))),
  ),
]);
