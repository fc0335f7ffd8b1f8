import { parseArgs } from 'node:util';
import * as z from 'zod/mini';

import { eventIdFor } from '../functions/catalog/app/create-event.ts';
import { createEvent as createRoute } from '../functions/catalog/organizer-routes.ts';
import { eventView } from '../functions/catalog/views.ts';
import { readEnv } from '../functions/shared/runtime/env.ts';
import type { Occasion } from '../functions/shared/table/aggregate.ts';
import { openTable, type Table } from '../functions/shared/table/client.ts';
import { changeMember } from '../functions/organizations/app/change-members.ts';
import { memberOf } from '../functions/organizations/domain/organization.ts';
import { findOrganization } from '../functions/organizations/reads.ts';
import { putOrganization, setAdmins } from '../functions/organizations/writes.ts';
import { commit } from '../functions/shared/table/commit.ts';
import { createAccount, type AccountSecrets } from '../functions/users/app/create-account.ts';
import { login } from '../functions/users/contract.ts';
import { personalDataIn } from '../functions/users/personal-data.ts';
import { secretName } from '../lib/secrets.ts';
import { DEMO_ACCOUNTS, DEMO_ORGANIZATION, DEMO_PASSWORD, ORGANIZER_EMAIL, type DemoAccount } from './seed/accounts.ts';
import { demoEvents, type DemoEvent } from './seed/events.ts';

const HELP = `Seeds a running local system with the demo: accounts, an organisation, events on sale.
"npm start" runs it on an empty store. Running it again adds only what is missing.

  node scripts/seed-demo.ts

  --help   this text

Variables, as the local system gives them to it: ONSALE_URL (base URL of the API), TABLE_NAME,
KMS_KEY, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
PARAMETERS_SECRETS_EXTENSION_HTTP_PORT. The password of the accounts is known to everybody, so it
refuses any table that is not on this machine.`;

const seedEnv = z.object({
  ONSALE_URL: z.url(),
  TABLE_NAME: z.string(),
  AWS_ENDPOINT_URL_DYNAMODB: z.url(),
  KMS_KEY: z.string(),
});

function secretsOf(table: Table, kmsKey: string): AccountSecrets {
  return {
    personalData: personalDataIn(table, {
      PERSONAL_DATA_KEY_PARAMETER: secretName('local', 'personalDataKey'),
      PERSONAL_DATA_KMS_KEY: kmsKey,
    }),
    emailIndexKey: secretName('local', 'emailIndexKey'),
    passwordPepper: secretName('local', 'passwordPepper'),
  };
}

async function main(): Promise<void> {
  if (parseArgs({ options: { help: { type: 'boolean', default: false } } }).values.help) {
    console.log(HELP);
    return;
  }
  const env = readEnv(seedEnv);
  if (!isLoopback(env.AWS_ENDPOINT_URL_DYNAMODB)) {
    throw new Error('Demo accounts have a public password: they are made only in a table on this machine.');
  }
  const now = Date.now();
  const table = openTable(env.TABLE_NAME);
  const secrets = secretsOf(table, env.KMS_KEY);
  const [organizer, ...others] = DEMO_ACCOUNTS;
  await seedOrganization(table, await seedAccount(table, secrets, organizer, now), now);
  // Hashing passwords keeps this process busy, creating events the local system: side by side.
  await Promise.all([seedAccounts(table, secrets, others, now), seedEvents(env.ONSALE_URL, now)]);
  table.client.destroy();
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

async function seedAccounts(
  table: Table,
  secrets: AccountSecrets,
  accounts: readonly DemoAccount[],
  now: number,
): Promise<void> {
  for (const { memberships, ...account } of accounts) {
    const userId = await seedAccount(table, secrets, { ...account, memberships: [] }, now);
    if (account.roles.includes('admin')) {
      await commit(table, [setAdmins(undefined, [userId], occasionAt(now), () => 'THERE')]);
    }
    if (memberships.length > 0) await seedMember(table, userId, memberships, now);
  }
}

/** The organisation with its organizer; what was there stays. */
async function seedOrganization(table: Table, organizerId: string, now: number): Promise<void> {
  const { id: organizationId, name } = DEMO_ORGANIZATION;
  const members = [{ userId: organizerId, posts: [{ post: 'organizer' as const }], since: now }];
  const organization = { organizationId, name, createdAt: now, members };
  await commit(table, [putOrganization(organization, occasionAt(now), () => 'THERE')]);
}

async function seedMember(table: Table, userId: string, posts: DemoAccount['memberships'], now: number): Promise<void> {
  const organization = await findOrganization(table, DEMO_ORGANIZATION.id);
  if (organization === undefined || memberOf(organization, userId) !== undefined) return;
  const { organizationId } = organization;
  // Whoever asks must have an account that is open, so it is the organizer.
  const [organizer] = organization.members;
  const actor = { userId: organizer?.userId ?? '', isAdmin: false };
  const wanted = posts.map(({ post }) => ({ post }));
  const changed = await changeMember(table, { organizationId, userId, posts: () => wanted, actor }, occasionAt(now));
  if (!changed.ok) throw new Error(changed.error.detail);
}

async function seedAccount(table: Table, secrets: AccountSecrets, account: DemoAccount, now: number): Promise<string> {
  const created = await createAccount(
    table,
    secrets,
    { ...account, password: DEMO_PASSWORD, status: 'VERIFIED', locale: 'en' },
    occasionAt(now),
  );
  console.log(`${account.email}: ${created.ok ? 'created' : 'was there'}`);
  return created.ok ? created.value.userId : created.error.userId;
}

function occasionAt(now: number): Occasion {
  return { now, correlationId: 'demo', by: 'system' };
}

async function seedEvents(baseUrl: string, now: number): Promise<void> {
  const api = await signIn(baseUrl);
  await Promise.all(demoEvents(now).map((event) => seedEvent(api, event)));
}

/** The public API as the organizer calls it. */
interface Api {
  readonly userId: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

async function signIn(baseUrl: string): Promise<Api> {
  const reply = await send(baseUrl, 'POST', '/api/auth/login', { email: ORGANIZER_EMAIL, password: DEMO_PASSWORD });
  if (reply.status !== 200) throw refused('Logging in', reply);
  const { accessToken, user } = login.responses[200].parse(reply.body);
  return {
    userId: user.id,
    call: (method, path, body, headers) =>
      send(baseUrl, method, path, body, { ...headers, authorization: `Bearer ${accessToken}` }),
  };
}

async function seedEvent(api: Api, { key, draft }: DemoEvent): Promise<void> {
  // An event's dates are relative to the day of seeding, so a later run has another body for the same key.
  const present = await api.call('GET', `/api/events/${eventIdFor(api.userId, key)}`);
  const event = present.status === 200 ? eventView.parse(present.body) : await create(api, key, draft);
  if (event.status === 'DRAFT') {
    const published = await api.call('POST', `/api/events/${event.id}/publish`);
    if (published.status !== 200) throw refused(`Publishing ${draft.title}`, published);
  }
  console.log(`${draft.title}: ${present.status === 200 ? 'was there' : 'published'}`);
}

async function create(api: Api, key: string, draft: DemoEvent['draft']): Promise<z.infer<typeof eventView>> {
  const created = await api.call('POST', '/api/events', draft, { 'idempotency-key': key });
  if (created.status !== 201) throw refused(`Creating ${draft.title}`, created);
  return createRoute.responses[201].parse(created.body).event;
}

async function send(
  baseUrl: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(new URL(path, baseUrl), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, body: await response.json() };
}

function refused(what: string, { status, body }: Reply): Error {
  return new Error(`${what} was answered ${status}: ${JSON.stringify(body)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
