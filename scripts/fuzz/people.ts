import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { mintSession, type SessionFor } from '../../functions/users/app/mint-session.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { secretName } from '../../lib/secrets.ts';
import { fetchFrom } from '../audit/local-system.ts';
import { DEMO_PASSWORD } from '../seed/accounts.ts';
import type { FuzzCaller } from './run.ts';
import type { FuzzSystem } from './world.ts';

/** Who sends requests, by what `x-who` calls them; whoever owns things comes more often. */
export const CALLERS_BY_ROLE: Readonly<Record<string, readonly string[]>> = {
  customer: ['buyer', 'buyer', 'buyer', 'buyer', 'browser', 'stranger'],
  staff: ['gate'],
  organizer: ['organizer'],
  support: ['support'],
  admin: ['admin'],
  vendor: ['vendor'],
  guest: ['guest', 'guest', 'guest'],
  '': ['nobody', 'forger', 'another site'],
};

/** Callers of a system, and the accounts that may be barred, promoted and hired at will. */
export interface FuzzPeople {
  readonly callers: Readonly<Record<string, FuzzCaller>>;
  readonly organizationId: string;
  readonly spares: readonly string[];
  /** Accounts that may also be erased. */
  readonly lost: readonly string[];
  /** The address of an account whose password may be guessed at. */
  readonly guessed: string;
}

/** Signs in everybody who is to send requests; the organizer founds an organisation. */
export async function signIn(system: FuzzSystem): Promise<FuzzPeople> {
  const accounts = (count: number, name: string): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, () => newAccount(system, name)));
  const [organizerId = '', strangerId = '', buyerId = ''] = await accounts(3, 'caller');
  const guessed = addressOf('guessed');
  await newAccount(system, 'guessed', guessed);
  const [spares, lost] = [await accounts(3, 'spare'), await accounts(3, 'lost')];
  const founder = await signedIn(system, { userId: organizerId });
  const { id: organizationId } = await sendAs(
    system,
    founder,
    'POST /api/organizations',
    { name: 'Fuzzed Nights' },
    z.object({ id: z.string() }),
  );
  const at = (post: 'organizer' | 'gate'): SessionFor['memberships'] => [{ organizationId, post }];
  const organizer = await signedIn(system, {
    userId: organizerId,
    roles: ['customer', 'organizer'],
    memberships: at('organizer'),
  });
  const scopes = ['reservations:write', 'orders:read', 'orders:write', 'tickets:read'];
  const { key } = await sendAs(
    system,
    organizer,
    'POST /api/api-keys',
    { organizationId, name: 'Fuzz', scopes },
    z.object({ key: z.string() }),
  );
  return {
    organizationId,
    spares,
    lost,
    guessed,
    callers: {
      nobody: { headers: {} },
      forger: { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwic2lkIjoieSJ9.' } },
      buyer: await signedIn(system, { userId: buyerId }),
      stranger: await signedIn(system, { userId: strangerId }),
      organizer,
      gate: await signedIn(system, { roles: ['customer', 'staff'], memberships: at('gate') }),
      support: await signedIn(system, { roles: ['customer', 'support'] }),
      admin: await signedIn(system, { roles: ['customer', 'admin'] }),
      browser: await signedIn(system, {}, 'cookie'),
      'another site': await signedIn(system, { userId: buyerId }, 'cookie without its token'),
      vendor: { headers: { 'x-api-key': key } },
      guest: await newGuest(system),
    },
  };
}

/** What a browser adds to what our own page sends. */
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

type How = 'bearer' | 'cookie' | 'cookie without its token';

/** Somebody with a session, minted so that no password is hashed; again whenever a request has ended it. */
async function signedIn(
  { table, ring }: FuzzSystem,
  as: Partial<SessionFor>,
  how: How = 'bearer',
): Promise<FuzzCaller> {
  const person = { userId: ulid(), roles: ['customer'] as const, memberships: [], ...as };
  const renew = async (): Promise<Readonly<Record<string, string>>> => {
    const session = await mintSession(table, ring, { ...person, roles: [...person.roles], now: Date.now() });
    if (how === 'bearer') return { authorization: `Bearer ${session.accessToken}` };
    const cookie = { cookie: `${SESSION_COOKIE}=${session.accessToken}`, ...OWN_PAGE };
    return how === 'cookie' ? { ...cookie, 'x-xsrf-token': session.csrfToken } : cookie;
  };
  return { headers: await renew(), renew };
}

/** Somebody with an anonymous session; another whenever a request has ended it. */
async function newGuest(system: FuzzSystem): Promise<FuzzCaller> {
  const begun = z.object({ guestToken: z.string() });
  const renew = async (): Promise<Readonly<Record<string, string>>> => {
    const { guestToken } = await sendAs(system, { headers: {} }, 'POST /api/auth/guest', {}, begun);
    return { 'x-guest-token': guestToken };
  };
  return { headers: await renew(), renew };
}

function addressOf(name: string): string {
  return `${name}-${ulid().toLowerCase()}@fuzz.example`;
}

async function newAccount({ table, environment }: FuzzSystem, name: string, email = addressOf(name)): Promise<string> {
  const secrets = {
    personalData: personalDataIn(table, {
      PERSONAL_DATA_KEY_PARAMETER: secretName('local', 'personalDataKey'),
      PERSONAL_DATA_KMS_KEY: environment['KMS_KEY'] ?? '',
    }),
    emailIndexKey: secretName('local', 'emailIndexKey'),
    passwordPepper: secretName('local', 'passwordPepper'),
  };
  const account = {
    email,
    password: DEMO_PASSWORD,
    firstName: 'Fuzz',
    lastName: name,
    locale: 'en',
    status: 'VERIFIED',
    roles: ['customer'],
    memberships: [],
  } as const;
  const created = await createAccount(
    table,
    secrets,
    { ...account, roles: [...account.roles], memberships: [] },
    { now: Date.now(), correlationId: 'fuzz', by: 'system' },
  );
  return created.ok ? created.value.userId : created.error.userId;
}

/** Sends what must succeed. */
export async function sendAs<S extends z.ZodMiniType>(
  { url }: FuzzSystem,
  { headers }: FuzzCaller,
  route: `${'POST' | 'PUT'} ${string}`,
  body: unknown,
  schema: S,
): Promise<z.infer<S>> {
  const [method = '', path = ''] = route.split(' ');
  const answer = await fetchFrom('The API', `${url}${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${text}`);
  return z.parse(schema, JSON.parse(text));
}
