import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { closeCase } from '../app/close-case.ts';
import { listCases } from '../app/list-cases.ts';
import * as api from '../contract.ts';
import { viewCase } from '../domain/case.ts';
import { ownedCases } from '../owned.ts';

const env = readEnv(api.supportEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(api.listCases, async ({ query }) =>
    ok({ status: 200, body: await listCases(table, await readKey(env.CURSOR_KEY_PARAMETER), query) }),
  ),
  serveOwned(api.closeCase, ownedCases(table), async ({ body: { resolution }, occasion }, found) => {
    const closed = await closeCase(table, found, resolution, occasion);
    return closed.ok ? ok({ status: 200, body: viewCase(closed.value) }) : closed;
  }),
]);
