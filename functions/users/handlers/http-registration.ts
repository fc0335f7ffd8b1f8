import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../personal-data.ts';
import { registrationEnv } from '../registration-contract.ts';
import { serveRegistration } from '../serve-registration.ts';

const env = readEnv(registrationEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction(
  { table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER },
  serveRegistration({
    table,
    limiter: limiterOn(table, env.LIMITS, env.EMAIL_INDEX_KEY_PARAMETER),
    personalData: personalDataIn(table, env),
    emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER,
    passwordPepper: env.PASSWORD_PEPPER_PARAMETER,
    linkKey: env.LINK_KEY_PARAMETER,
  }),
);
