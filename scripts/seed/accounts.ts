import type { NewAccount } from '../../functions/users/app/create-account.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';

/** The organisation that the demo's events are of. */
export const DEMO_ORGANIZATION = { id: derivedId('demo', 'organization', 'Harbour Lights'), name: 'Harbour Lights' };

/** Known to everybody, hence only for a system on loopback. */
export const DEMO_PASSWORD = 'Onsale-demo-2026!';

export const ORGANIZER_EMAIL = 'organizer@onsale.example';

const organizationId = DEMO_ORGANIZATION.id;

/** What sets a demo account apart; all are verified and have one password. */
export type DemoAccount = Omit<NewAccount, 'now' | 'password' | 'status' | 'locale'>;

/** The accounts of the demo, the organizer first: the events need them. */
export const DEMO_ACCOUNTS: readonly [DemoAccount, ...DemoAccount[]] = [
  {
    email: ORGANIZER_EMAIL,
    firstName: 'Olga',
    lastName: 'Organizer',
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId, post: 'organizer' }],
  },
  { email: 'admin@onsale.example', firstName: 'Ada', lastName: 'Admin', roles: ['customer', 'admin'], memberships: [] },
  {
    email: 'staff@onsale.example',
    firstName: 'Stefan',
    lastName: 'Staff',
    roles: ['customer', 'staff'],
    memberships: [
      { organizationId, post: 'gate' },
      { organizationId, post: 'box-office' },
    ],
  },
  {
    email: 'support@onsale.example',
    firstName: 'Susan',
    lastName: 'Support',
    roles: ['customer', 'support'],
    memberships: [],
  },
  { email: 'buyer@onsale.example', firstName: 'Bea', lastName: 'Buyer', roles: ['customer'], memberships: [] },
];
