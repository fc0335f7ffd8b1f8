import { createAccount, type AccountSecrets, type NewAccount } from '../../functions/users/app/create-account.ts';
import { logIn, type LogIn } from '../../functions/users/app/log-in.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { httpFunction, type HttpHandler } from '../../functions/shared/runtime/http.ts';
import { limiterOn } from '../../functions/shared/runtime/limits.ts';
import type { Occasion } from '../../functions/shared/table/aggregate.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { serveSessions } from '../../functions/users/serve-sessions.ts';
import { STAGES } from '../../lib/stages.ts';
import { randomKey, randomKeyRing } from '../support/parameters.ts';

/** Names of the parameters of the users function, as the environment gives them. */
export const USERS_ENV = {
  LIMITS: JSON.stringify(STAGES.local.limits),
  SESSION_KEYS_PARAMETER: '/onsale/test/session-keys',
  PERSONAL_DATA_KEY_PARAMETER: '/onsale/test/personal-data-key',
  PERSONAL_DATA_KMS_KEY: '',
  EMAIL_INDEX_KEY_PARAMETER: '/onsale/test/email-index-key',
  PASSWORD_PEPPER_PARAMETER: '/onsale/test/password-pepper',
  LINK_KEY_PARAMETER: '/onsale/test/link-key',
};

/** Fresh values of these parameters. */
export function usersParameters(): Record<string, string> {
  return {
    [USERS_ENV.SESSION_KEYS_PARAMETER]: randomKeyRing(),
    [USERS_ENV.PERSONAL_DATA_KEY_PARAMETER]: randomKey(),
    [USERS_ENV.EMAIL_INDEX_KEY_PARAMETER]: randomKey(),
    [USERS_ENV.PASSWORD_PEPPER_PARAMETER]: randomKey(),
    [USERS_ENV.LINK_KEY_PARAMETER]: randomKey(),
  };
}

/** What accounts of `table` are kept with in a test. */
export function accountSecretsOf(table: Table): AccountSecrets {
  return {
    personalData: personalDataIn(table, USERS_ENV),
    emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    passwordPepper: USERS_ENV.PASSWORD_PEPPER_PARAMETER,
  };
}

export const PASSWORD = 'Onsale-test-2026!';

/** A verified customer; `as` says what is otherwise. */
export function newAccount(as: Partial<NewAccount> = {}): NewAccount {
  return {
    email: 'Anna@Example.com',
    password: PASSWORD,
    firstName: 'Anna',
    lastName: 'Muster',
    locale: 'en',
    status: 'VERIFIED',
    roles: ['customer'],
    memberships: [],
    ...as,
  };
}

/** Names of the parameters that a log-in needs in a test. */
export const LOG_IN_SECRETS = {
  sessionKeys: USERS_ENV.SESSION_KEYS_PARAMETER,
  emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
  passwordPepper: USERS_ENV.PASSWORD_PEPPER_PARAMETER,
};

/** Logs in from the network of the tests; `as` says what is otherwise. */
export function logInAs(table: Table, email: string, as: Partial<LogIn> = {}): ReturnType<typeof logIn> {
  const typed = { email, password: PASSWORD, network: '127.0.0.0/24', occasion: occasion() };
  return logIn(table, LOG_IN_SECRETS, { ...typed, ...as });
}

/** Now, on the request of a test. */
export function occasion(now = Date.now()): Occasion {
  return { now, correlationId: 'test', by: 'system' };
}

/** Creates an account and returns its id. */
export async function givenAccount(table: Table, as: Partial<NewAccount> = {}): Promise<string> {
  const created = await createAccount(table, accountSecretsOf(table), newAccount(as), occasion());
  if (!created.ok) throw new Error('The address is taken');
  return created.value.userId;
}

/** The function of log-ins and sessions on a table of the test's choosing, whose client it meters or watches. */
export function sessionsOn(table: Table): HttpHandler {
  const limiter = limiterOn(table, USERS_ENV.LIMITS, USERS_ENV.EMAIL_INDEX_KEY_PARAMETER);
  return httpFunction(
    { table, sessionKeysParameter: USERS_ENV.SESSION_KEYS_PARAMETER },
    serveSessions({ table, personalData: personalDataIn(table, USERS_ENV), secrets: LOG_IN_SECRETS, limiter }),
  );
}
