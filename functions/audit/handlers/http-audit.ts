import { ok } from '../../shared/kernel/result.ts';
import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { listAudit } from '../app/list-audit.ts';
import * as api from '../contract.ts';

const env = readEnv(api.auditEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(api.listAudit, async ({ query, now }) =>
    inJson(ok(await listAudit(table, await readKey(env.CURSOR_KEY_PARAMETER), query, now))),
  ),
]);
