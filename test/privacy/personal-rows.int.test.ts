import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { putOrganization } from '../../functions/organizations/writes.ts';
import { putIntoCart } from '../../functions/reservations/app/change-cart.ts';
import { MARK } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { updateProfile } from '../../functions/users/app/update-profile.ts';
import { sendPhoneCode } from '../../functions/users/app/verify-phone.ts';
import { attributesOf } from '../../scripts/docs/personal-data.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { givenPurchase } from './dossier.ts';

let db: TestTable;
let parameters: TestParameters;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, USERS_ENV);
});
afterAll(() => Promise.all([parameters.close(), db.drop()]));

/** Items of a person's own partition by the beginning of their sort key, as `docs/personal-data.md` names them. */
const LIE_WITH_PERSON: readonly (readonly [RegExp, string])[] = [
  [/^USER$/, 'account'],
  [/^PASSWORD$/, 'hash of its password'],
  [/^KEY$/, 'wrapped data key of a person'],
  [/^PHONE$/, 'code that proves a phone number'],
  [/^SESSION#/, 'session'],
  [/^NOTE#/, 'notification to a person'],
  [/^CART$/, 'cart of a person, of an anonymous session'],
];
/** Attributes that say nothing of a person. */
const IMPERSONAL: ReadonlySet<string> = new Set(['pk', 'sk', 'ttl', 'changedAt', ...MARK]);

it('a person who has everything has no row and no attribute that docs/personal-data.md does not speak of', async () => {
  const type = await putOnSale(db.table, Date.now());
  const userId = await givenAccount(db.table);
  const personalData = personalDataIn(db.table, USERS_ENV);
  const patch = {
    phone: '+4915112345678',
    dateOfBirth: '1990-02-28',
    address: { line1: 'Elbchaussee 987', city: 'Hamburg', country: 'DE' },
    consents: [{ name: 'terms' as const, version: '3', given: true }],
  };
  await updateProfile(db.table, personalData, { userId, patch, ifMatch: undefined, occasion: occasion() });
  const sms = () => Promise.resolve({ ok: true as const, value: undefined });
  const phone = { table: db.table, personalData, sms, hashKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER };
  expect((await sendPhoneCode(phone, userId, Date.now())).ok).toBe(true);
  await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId });
  const members = [{ userId, posts: [{ post: 'gate' as const }], since: 1 }];
  const organization = { organizationId: ulid(), name: 'Harbour Lights', createdAt: 1, members };
  await commit(db.table, [putOrganization(organization, occasion(), () => 'TAKEN')]);
  await givenPurchase(db, userId, type);
  const wish = { how: 'ADD' as const, copy: type, quantity: 1, personId: userId, requestId: 'request' };
  expect((await putIntoCart(db.table, { owner: { id: userId }, ...wish }, Date.now())).ok).toBe(true);

  const rows = await db.items();
  const own = rows.filter(({ pk }) => pk === `USER#${userId}`);
  expect(own.map(({ sk }) => String(sk).replace(/#.*/, '')).toSorted()).toEqual([
    'CART',
    'KEY',
    'NOTE',
    'PASSWORD',
    'PHONE',
    'SESSION',
    'USER',
  ]);
  const unsaid = own.flatMap((row) => {
    const item = LIE_WITH_PERSON.find(([sk]) => sk.test(String(row['sk'])))?.[1] ?? '';
    const said = [...attributesOf(item), 'userId'];
    return Object.keys(row)
      .filter((name) => !IMPERSONAL.has(name) && !said.includes(name))
      .map((name) => `${item}: ${name}`);
  });
  expect(unsaid).toEqual([]);

  // Wherever else the id is, it is in an attribute that the page names.
  const elsewhere = rows
    .filter(({ pk }) => pk !== `USER#${userId}`)
    .flatMap((row) => Object.entries(row).filter(([, value]) => JSON.stringify(value).includes(userId)))
    .map(([name]) => name);
  const named = ['pk', 'customerId', 'members', 'by', 'userId'];
  expect([...new Set(elsewhere)].filter((name) => !named.includes(name))).toEqual([]);
  expect(elsewhere).toContain('customerId');
});
