import { farewellFrom } from '../../notifications/farewell.ts';
import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn, recordExport } from '../../users/disclosure.ts';
import { ownedUsers } from '../../users/owned.ts';
import { inDownload } from '../answers.ts';
import { eraseAndTell } from '../app/erase-and-tell.ts';
import { checkCursor, exportPerson } from '../app/export-person.ts';
import { eraseUser, exportUser, privacyEnv } from '../contract.ts';
import { ENCRYPTED_EVERY_MS, passphraseIn } from '../passphrase.ts';

const env = readEnv(privacyEnv);
const table = openTable(env.TABLE_NAME);
const personalData = personalDataIn(table, env);
const users = ownedUsers(table);
const farewell = farewellFrom(table, env);
const addresses = { personalData, emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER };

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(exportUser, users, async ({ query: { cursor }, headers, session, occasion }, { userId }) => {
    const passphrase = passphraseIn(headers);
    const cursorKey = await readKey(env.CURSOR_KEY_PARAMETER);
    checkCursor(cursorKey, { userId, callerId: session.userId, cursor });
    const recorded = await recordExport(table, userId, occasion, passphrase === undefined ? 0 : ENCRYPTED_EVERY_MS);
    if (!recorded.ok) return recorded;
    const asked = { account: recorded.value, cursor, callerId: session.userId, now: occasion.now };
    const part = await exportPerson(table, personalData, cursorKey, asked);
    return ok(await inDownload(part, passphrase));
  }),
  serveOwned(eraseUser, users, async ({ occasion }, { userId }) => {
    const begun = await eraseAndTell({ table, addresses, farewell }, { userId, occasion });
    return begun.ok ? ok({ status: 202, body: begun.value }) : begun;
  }),
]);
