import { createCipheriv, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { commit } from '../../functions/shared/table/commit.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { personKeyKey } from '../../functions/users/keys.ts';
import { inAccount, personalDataIn, type Person, type PersonalData } from '../../functions/users/personal-data.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { accountSecretsOf, newAccount, occasion, USERS_ENV, usersParameters } from './accounts.ts';
import { startLocalKms, type LocalKms } from './local-kms.ts';

const ANNA = '01J0000000000000000000000A';
const BOB = '01J0000000000000000000000B';
const EMAIL = inAccount(ANNA, 'email');

let db: TestTable;
let kms: LocalKms;
let parameters: TestParameters;
const values = usersParameters();

beforeAll(async () => {
  [db, kms, parameters] = await Promise.all([startTestTable(), startLocalKms(), serveParameters(values)]);
  useTestEnvironment(db, { AWS_ENDPOINT_URL_KMS: kms.url });
});

afterAll(async () => {
  await Promise.all([parameters.close(), kms.close(), db.drop()]);
});

/** Another execution environment: nothing unwrapped is in its memory. */
const fresh = (kmsKey: string): PersonalData =>
  personalDataIn(db.table, { ...USERS_ENV, PERSONAL_DATA_KMS_KEY: kmsKey });

/** Gives `userId` a data key, kept in the table. */
async function begin(personalData: PersonalData, userId: string): Promise<Person> {
  const { person, keep } = await personalData.newPerson(userId);
  await commit(db.table, [{ kind: 'delete', key: keep.key, otherwise: () => 'GONE' }]);
  expect(await commit(db.table, [keep])).toMatchObject({ ok: true });
  return person;
}

describe.each(['kms', 'secret'] as const)('data keys wrapped by %s', (by) => {
  const keyOf = (): string => (by === 'kms' ? kms.keyArn : '');
  let anna: Person;
  let sealed: string;

  beforeEach(async () => {
    anna = await begin(fresh(keyOf()), ANNA);
    sealed = await anna.seal(EMAIL, 'anna@example.com');
  });

  it('open what they sealed, also in another execution environment', async () => {
    expect(sealed).toMatch(/^gcm2:[\w-]+$/);
    expect(sealed).not.toContain(Buffer.from('anna@example.com').toString('base64url'));
    expect(await anna.seal(EMAIL, 'anna@example.com')).not.toBe(sealed);
    expect(await (await fresh(keyOf()).person(ANNA)).open(EMAIL, sealed)).toBe('anna@example.com');
  });

  it.each([
    ['another attribute', inAccount(ANNA, 'phone')],
    ['another item', inAccount(BOB, 'email')],
    ['another item of the same partition', { key: { pk: EMAIL.key.pk, sk: 'OTHER' }, attribute: 'email' }],
  ])('do not open in %s', async (_what, place) => {
    await expect(anna.open(place, sealed)).rejects.toThrow('unable to authenticate data');
  });

  it("do not open another's values, nor under another's id", async () => {
    const bob = await begin(fresh(keyOf()), BOB);
    await expect(bob.open(EMAIL, sealed)).rejects.toThrow('unable to authenticate data');
    const annas = (await db.items()).find(({ pk, sk }) => pk === personKeyKey(ANNA).pk && sk === 'KEY');
    await commit(db.table, [
      {
        kind: 'put',
        key: personKeyKey(BOB),
        item: { userId: BOB, wrapped: String(annas?.['wrapped']) },
        otherwise: () => 'FAILED',
      },
    ]);
    const stolen = await fresh(keyOf()).person(BOB);
    await expect(stolen.open(EMAIL, sealed)).rejects.toThrow(/InvalidCiphertext|unable to authenticate data/);
  });

  it('are refused when a bit has changed', async () => {
    const bytes = Buffer.from(sealed.slice('gcm2:'.length), 'base64url');
    for (const at of [0, 13, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(anna.open(EMAIL, `gcm2:${changed.toString('base64url')}`)).rejects.toThrow('authenticate');
    }
  });

  it('are gone with their row: nothing opens any more, even where the key is still in memory', async () => {
    const personalData = fresh(keyOf());
    expect(await (await personalData.person(ANNA)).open(EMAIL, sealed)).toBe('anna@example.com');
    await commit(db.table, [{ kind: 'delete', key: personKeyKey(ANNA), otherwise: () => 'GONE' }]);
    const erased = await personalData.person(ANNA);
    expect(erased.hasKey).toBe(false);
    await expect(erased.open(EMAIL, sealed)).rejects.toThrow(expect.objectContaining({ name: 'PersonErasedError' }));
  });

  it('are one for each person, whoever comes first', async () => {
    const { keep } = await fresh(keyOf()).newPerson(ANNA);
    expect(await commit(db.table, [keep])).toEqual({ ok: false, error: { code: 'PERSON_KEY_TAKEN' } });
    expect(await (await fresh(keyOf()).person(ANNA)).open(EMAIL, sealed)).toBe('anna@example.com');
  });
});

describe('KMS', () => {
  it('is asked once for a person within a minute, however many values and readers', async () => {
    await begin(fresh(kms.keyArn), ANNA);
    const personalData = fresh(kms.keyArn);
    const before = kms.asked.length;
    const persons = await Promise.all([1, 2, 3].map(() => personalData.person(ANNA)));
    await Promise.all(persons.map((person) => person.seal(EMAIL, 'a')));
    expect(kms.asked.slice(before)).toEqual(['Decrypt']);
  });

  it.each(['KMSInternalException', 'DisabledException', 'AccessDeniedException', 'ThrottlingException'])(
    'that answers %s is an outage: nothing is written, and it works again afterwards',
    async (error) => {
      kms.fail(error);
      const secrets = { ...accountSecretsOf(db.table), personalData: fresh(kms.keyArn) };
      const account = newAccount({ email: `${error}@example.com` });
      const before = (await db.items()).length;
      await expect(createAccount(db.table, secrets, account, occasion())).rejects.toThrow(
        expect.objectContaining({ name: 'SecretUnavailableError' }),
      );
      expect((await db.items()).length).toBe(before);
      kms.fail(undefined);
      expect(await createAccount(db.table, secrets, account, occasion())).toMatchObject({ ok: true });
    },
  );

  it('that failed once is asked again: an outage is not remembered', async () => {
    const { person } = { person: await begin(fresh(kms.keyArn), ANNA) };
    const sealed = await person.seal(EMAIL, 'anna@example.com');
    const later = await fresh(kms.keyArn).person(ANNA);
    kms.fail('KMSInternalException');
    await expect(later.open(EMAIL, sealed)).rejects.toThrow('KMS did not give');
    kms.fail(undefined);
    expect(await later.open(EMAIL, sealed)).toBe('anna@example.com');
  });
});

describe('a stage that changes its way', () => {
  it('opens what was wrapped under the secret once it has a KMS key', async () => {
    const sealed = await (await begin(fresh(''), ANNA)).seal(EMAIL, 'anna@example.com');
    expect(await (await fresh(kms.keyArn).person(ANNA)).open(EMAIL, sealed)).toBe('anna@example.com');
  });

  it('says so when it lacks the KMS key that wrapped', async () => {
    const sealed = await (await begin(fresh(kms.keyArn), ANNA)).seal(EMAIL, 'anna@example.com');
    await expect((await fresh('').person(ANNA)).open(EMAIL, sealed)).rejects.toThrow('does not know');
  });

  it('opens values from before there were data keys', async () => {
    const key = Buffer.from(values[USERS_ENV.PERSONAL_DATA_KEY_PARAMETER] ?? '', 'hex');
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(JSON.stringify([BOB, 'email'])));
    const encrypted = Buffer.concat([cipher.update('bob@example.com', 'utf8'), cipher.final()]);
    const old = `gcm1:${Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url')}`;
    const bob = await fresh(kms.keyArn).person(BOB);
    expect(await bob.open(inAccount(BOB, 'email'), old)).toBe('bob@example.com');
    await expect(bob.open(inAccount(ANNA, 'phone'), old)).rejects.toThrow('authenticate');
  });
});
