import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { usersEnv } from '../contract.ts';
import { personalDataIn } from '../personal-data.ts';
import { serveSessions } from '../serve-sessions.ts';

const env = readEnv(usersEnv);
const table = openTable(env.TABLE_NAME);
const secrets = {
  sessionKeys: env.SESSION_KEYS_PARAMETER,
  emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER,
  passwordPepper: env.PASSWORD_PEPPER_PARAMETER,
};
const limiter = limiterOn(table, env.LIMITS, secrets.emailIndexKey);

export const handler = httpFunction(
  { table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER },
  serveSessions({ table, personalData: personalDataIn(table, env), secrets, limiter }),
);
