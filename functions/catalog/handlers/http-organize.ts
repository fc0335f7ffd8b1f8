import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { cancellationRuns } from '../cancellation-runs.ts';
import { organizeEnv } from '../contract.ts';
import { serveEvents } from '../serve-events.ts';
import { serveSeries } from '../serve-series.ts';
import { serveStock } from '../serve-stock.ts';
import { serveTicketTypes } from '../serve-ticket-types.ts';

const env = readEnv(organizeEnv);
const table = openTable(env.TABLE_NAME);

/** What organizers do to their events. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  ...serveEvents({
    table,
    cursorKeyParameter: env.CURSOR_KEY_PARAMETER,
    runs: cancellationRuns(env.CANCEL_EVENT_STATE_MACHINE_ARN),
  }),
  ...serveTicketTypes({ table, cursorKeyParameter: env.CURSOR_KEY_PARAMETER }),
  ...serveSeries(table),
  ...serveStock(table),
]);
