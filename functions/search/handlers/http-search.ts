import { ok } from '../../shared/kernel/result.ts';
import { conditionally } from '../../shared/runtime/conditional.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { LiveSearch } from '../app/live-search.ts';
import { searchEvents, suggest } from '../app/search-events.ts';
import * as contract from '../contract.ts';
import { s3Snapshots } from '../s3-snapshots.ts';

const env = readEnv(contract.searchEnv);
const table = openTable(env.TABLE_NAME);
const live = new LiveSearch({ table, snapshots: s3Snapshots(env.SNAPSHOTS_BUCKET) });

// Nobody is asked who they are: everybody finds the same, so that CloudFront may keep it for everybody.
export const handler = httpFunction({}, [
  serve(contract.listEvents, async ({ query, headers, now }) => {
    const body = await searchEvents({ table, live, cursorKey: await readKey(env.CURSOR_KEY_PARAMETER) }, query, now);
    return ok(conditionally(headers, { status: 200, body }, 'live'));
  }),
  serve(contract.suggestEvents, async ({ query, headers, now }) =>
    ok(conditionally(headers, { status: 200, body: await suggest({ table, live }, query, now) }, 'live')),
  ),
]);
