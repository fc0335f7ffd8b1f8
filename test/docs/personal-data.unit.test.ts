import { describe, expect, it } from 'vitest';

import { profileView } from '../../functions/users/profile-contract.ts';
import { MARK } from '../../functions/shared/table/aggregate.ts';
import { accountRow, anonymised, parseAccount } from '../../functions/users/domain/account.ts';
import { inOffer } from '../../functions/delivery/offers.ts';
import { inInvitation } from '../../functions/organizations/invited.ts';
import { inAttendees } from '../../functions/orders/attendees.ts';
import { PERSONAL_FIELDS } from '../../functions/users/personal-data.ts';
import { attributesOf, PERSONAL_DATA } from '../../scripts/docs/personal-data.ts';

const ofAccount = PERSONAL_DATA.filter(({ item }) => item === 'account');

/** An account that has everything. */
function fullAccount(): ReturnType<typeof parseAccount> {
  const details = Object.fromEntries(Object.keys(accountRow.shape).map((name) => [name, 1]));
  const texts = [...PERSONAL_FIELDS, 'userId', 'emailHash', 'locale', 'lockId'].map((name) => [name, 'x']);
  return parseAccount({
    pk: 'USER#x',
    sk: 'USER',
    ...details,
    ...Object.fromEntries(texts),
    status: 'VERIFIED',
    roles: [],
    memberships: [],
    deliveryChannel: 'sms',
    mutedNews: ['notices'],
    consents: [],
    verification: { nonce: 'n', until: 1 },
    passwordReset: { nonce: 'n', until: 1 },
    emailChange: { nonce: 'n', until: 1 },
    ver: 1,
    ev: 'e',
    at: 1,
    cid: 'c',
    by: 'b',
    ch: 'h',
    // What later work adds, and does not say to be impersonal.
    pending: { nonce: 'n', until: 1 },
  });
}

describe('docs/personal-data.md', () => {
  it('says of every attribute of an account what it is for: a new one belongs into scripts/docs/personal-data.ts', () => {
    const said = attributesOf('account');
    expect(Object.keys(accountRow.shape).filter((name) => !said.includes(name))).toEqual([]);
    const known: readonly string[] = [...Object.keys(accountRow.shape), ...MARK];
    expect(said.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('calls sealed exactly what the code seals, and exports all of it', () => {
    const all = PERSONAL_DATA.filter(({ protection }) => protection === 'sealed');
    const attendees = 'names of who is to come by an order';
    expect(attributesOf(attendees).map((attribute) => inAttendees('x', attribute).attribute)).toEqual([
      'name1',
      'asked',
    ]);
    // Of somebody who may have no account: nobody's export.
    const phones = 'phones that have a pass';
    expect(all.filter(({ item }) => item === phones).map(({ exported }) => exported)).toEqual([
      'person.passesInPhones',
    ]);
    const strangers = all.filter(({ item }) => item !== 'account' && item !== attendees && item !== phones);
    expect(strangers.map(({ attribute }) => attribute)).toEqual([inOffer('x').attribute, inInvitation('x').attribute]);
    const sealed = all.filter(({ item }) => item === 'account');
    expect(sealed.map(({ attribute }) => attribute).toSorted()).toEqual([...PERSONAL_FIELDS].toSorted());
    for (const { attribute, exported } of sealed) {
      expect(exported).toBe(`person.account.${attribute}`);
      expect(Object.keys(profileView.shape)).toContain(attribute);
    }
  });

  it('names only what an export has', () => {
    const inAccount = PERSONAL_DATA.map(({ exported }) => /^person\.account\.(\w+)$/.exec(exported)?.[1]);
    const missing = inAccount.filter((name) => name !== undefined && !Object.hasOwn(profileView.shape, name));
    expect(missing).toEqual([]);
  });

  it('says of each attribute of an account what an erasure does with it', () => {
    const changes = anonymised(fullAccount(), 2);
    for (const { attribute, onErasure } of ofAccount) {
      if (attribute.includes(',')) continue;
      const stays = !Object.hasOwn(changes, attribute) || attribute === 'deletedAt';
      expect(stays, attribute).toBe(onErasure.startsWith('stays'));
    }
    // What nobody has said to be impersonal goes too.
    expect(changes).toHaveProperty('pending', undefined);
  });
});
