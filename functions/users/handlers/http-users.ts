import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve, serveTo } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { logIn } from '../app/log-in.ts';
import { logOut } from '../app/log-out.ts';
import { showAccount } from '../app/show-account.ts';
import { login, logout, usersEnv } from '../contract.ts';
import { endedCookie, sessionCookie } from '../cookies.ts';
import { personalDataIn } from '../personal-data.ts';

const env = readEnv(usersEnv);
const table = openTable(env.TABLE_NAME);
const personalData = personalDataIn(table, env);
const secrets = {
  sessionKeys: env.SESSION_KEYS_PARAMETER,
  emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER,
  passwordPepper: env.PASSWORD_PEPPER_PARAMETER,
};

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serve(login, async ({ body: { email, password, rememberMe = false }, now }) => {
    const begun = await logIn(table, secrets, { email, password, rememberMe, now });
    if (!begun.ok) return begun;
    const {
      account,
      session: { accessToken, csrfToken, expiresIn },
    } = begun.value;
    const body = { user: await showAccount(table, personalData, account), accessToken, expiresIn, csrfToken };
    return ok({ status: 200, body, cookies: [sessionCookie(accessToken)] });
  }),
  serveTo(logout, async ({ session, now }) => {
    await logOut(table, session, now);
    return ok({ status: 204, cookies: [endedCookie()] });
  }),
]);
