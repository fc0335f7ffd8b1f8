import { ok } from '../../shared/kernel/result.ts';
import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../app/api-keys.ts';
import { banUser, setRoles, unbanUser } from '../app/set-roles.ts';
import * as keys from '../api-keys-contract.ts';
import * as api from '../contract.ts';
import { ownedApiKeys } from '../owned.ts';
import { serveInvitations } from '../serve-invitations.ts';
import { serveOrganizations } from '../serve-organizations.ts';

const env = readEnv(api.organizationsEnv);
const table = openTable(env.TABLE_NAME);

const personalData = personalDataIn(table, env);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  ...serveOrganizations(table, personalData),
  ...serveInvitations({
    table,
    book: { personalData, emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER },
    linkKey: env.LINK_KEY_PARAMETER,
    limiter: limiterOn(table, env.LIMITS, env.EMAIL_INDEX_KEY_PARAMETER),
  }),
  serveTo(keys.createApiKey, async ({ session, body, occasion }) => {
    const made = await createApiKey(table, session, body, occasion);
    return made.ok ? ok({ status: 201, body: made.value }) : made;
  }),
  serveTo(keys.listApiKeys, async ({ session, now }) =>
    inJson(ok({ items: await listApiKeys(table, session, now), nextCursor: null })),
  ),
  serveOwned(keys.revokeApiKey, ownedApiKeys(table), async ({ occasion }, { organizationId, apiKeyId }) => {
    await revokeApiKey(table, organizationId, apiKeyId, occasion);
    return ok({ status: 204 });
  }),
  serveTo(api.setRoles, async ({ params: { userId }, body: { roles }, occasion }) =>
    inJson(await setRoles(table, userId, roles, occasion)),
  ),
  serveTo(api.banUser, async ({ params: { userId }, occasion }) => inJson(await banUser(table, userId, occasion))),
  serveTo(api.unbanUser, async ({ params: { userId }, occasion }) => inJson(await unbanUser(table, userId, occasion))),
]);
