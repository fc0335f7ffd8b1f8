import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';

import { eventPaymentsRefunded, eventTicketsArchived } from '../../functions/catalog/events.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { untrueFact } from './cancelling.ts';
import { live } from './history.ts';
import { mailFault } from './mailbox.ts';
import { CANCELLATIONS, CRASHES, LARGER_CANCELLATIONS, planOf, TIMINGS } from './plans.ts';
import { declareSingleFaults } from './single-faults.ts';
import type { Store } from './store.ts';
import type { Mutant } from './system.ts';

const [paid, together, meanwhile] = Object.entries(CANCELLATIONS);
if (paid === undefined || together === undefined || meanwhile === undefined)
  throw new Error('Three ways of a cancelled event');

for (const webhooks of TIMINGS) declareSingleFaults(webhooks, CRASHES, Object.fromEntries([paid]));
declareSingleFaults('NEVER', CRASHES, Object.fromEntries([meanwhile, together]));

it.each(TIMINGS)('an event of several orders ends cancelled, webhooks %s', async (webhooks) => {
  for (const scenario of Object.values(LARGER_CANCELLATIONS)) {
    const { fault, orders, mails } = await live(planOf(scenario, webhooks));
    expect(fault).toBeUndefined();
    expect(mails).toBeGreaterThan(3);
    expect(orders.length).toBeGreaterThan(3);
    for (const { state } of orders) expect(scenario.states).toContain(state);
  }
});

/** A workflow that leaves a step out: the simulator must find it out. */
const MUTANTS = {
  'an end that nobody counts': { step: 'VerifyCancellation' },
  'a pass that is not begun': { step: 'BeginPass' },
} as const;

/** Sets members of the first row whose keys begin so. */
async function change(store: Store, pk: string, sk: string, members: Readonly<Record<string, unknown>>): Promise<void> {
  const row = store.items().find((each) => String(each.pk).startsWith(pk) && String(each.sk).startsWith(sk));
  if (row === undefined) throw new Error(`There is no row ${pk} ${sk}`);
  await store.bare.client.send(new PutCommand({ TableName: store.bare.name, Item: { ...row, ...members } }));
}

/** What the rows could say at the end of a cancellation that went wrong, and how the checks name it. */
const PLANTED: readonly (readonly [string, string, NonNullable<Mutant['planted']>])[] = [
  ['a ticket that still admits', 'are live', (store) => change(store, 'TICKET#', 'TICKET', { status: 'VALID' })],
  [
    'a line of which one ticket was not given back',
    'were given back',
    async (store, [order]) => {
      const lines = order?.lines.map((line) => ({ ...line, refunded: [0] }));
      await change(store, `ORDER#${order?.orderId}`, 'ORDER', { lines });
    },
  ],
  [
    'a refund that the receipt does not count',
    'The receipt says',
    (store) => change(store, 'REFUND#', 'REFUND', { amount: 1 }),
  ],
  [
    'a receipt that is not there',
    'has no receipt',
    (store) => change(store, 'CANCELLATION#', '', { receipt: undefined }),
  ],
  [
    'a fact that was told twice',
    'EventPaymentsRefunded is to be told',
    async (store) => {
      const event = store.items().find(({ ev }) => ev === 'catalog.EventPaymentsRefunded.v1');
      await store.bare.client.send(
        new PutCommand({ TableName: store.bare.name, Item: { ...event, sk: `TL#${'9'.repeat(12)}` } }),
      );
    },
  ],
  [
    'a fact that was not told',
    'EventTicketsArchived is to be told',
    (store) => {
      const fact = store
        .items()
        .find(({ sk, ev }) => String(sk).startsWith('TL#') && ev === 'catalog.EventTicketsArchived.v1');
      return change(store, String(fact?.pk), String(fact?.sk), { ev: 'catalog.EventUpdated.v1' });
    },
  ],
];

it('a fact that is told too early is seen at that moment', () => {
  const { pk, sk } = eventKey('E');
  const archived = { pk, sk, ev: eventTicketsArchived.name };
  const refunded = { pk, sk, ev: eventPaymentsRefunded.name };
  const order = {
    pk: 'ORDER#O',
    sk: 'ORDER',
    lines: [
      { id: 'L1', eventId: 'E' },
      { id: 'L2', eventId: 'ANOTHER' },
    ],
  };
  const refund = (state: string, ...lines: readonly string[]): ReturnType<Store['items']>[number] => ({
    pk: 'REFUND#R',
    orderId: 'O',
    state,
    lines: lines.map((id) => ({ id })),
  });
  const told = (fact: Parameters<typeof untrueFact>[0], ...rows: ReturnType<Store['items']>): string | undefined =>
    untrueFact(fact, () => [order, ...rows]);

  expect(told(archived, { pk: 'TICKET#T', status: 'VALID', eventId: 'E' })).toContain('live tickets');
  expect(told(archived, { pk: 'TICKET#T', status: 'VALID', eventId: 'ANOTHER' })).toBeUndefined();
  expect(told(refunded, refund('PENDING', 'L1'))).toContain('not back');
  expect(told(refunded, refund('DUE', 'L2', 'L1'))).toContain('not back');
  expect(told(refunded, refund('PENDING', 'L2'))).toBeUndefined();
  expect(told(refunded, refund('FAILED', 'L1'))).toBeUndefined();
});

it.each(PLANTED)('%s is seen at the end', async (_name, says, planted) => {
  const { fault } = await live({ ...planOf(paid[1], 'DURING'), mutant: { planted } });
  expect(fault).toContain(says);
});

it.each(Object.entries(MUTANTS))('is found out: %s', async (_name, mutant) => {
  const { fault } = await live({ ...planOf(paid[1], 'DURING'), mutant });
  expect(fault).toBeDefined();
});

describe('mails of a history', () => {
  const EVENT = { eventId: 'E', customers: new Set(['C']) };
  const note = { pk: 'USER#C', sk: 'NOTE#event-cancelled#E', notificationId: 'N', status: 'DELIVERED' };
  const mail = {
    to: 'c@buyers.example',
    raw: new Uint8Array(),
    notificationId: 'N',
    tags: { about: '', cause: '', to: '' },
  };

  it('are as they should be', () => {
    expect(mailFault([note], [mail], [], EVENT)).toBeUndefined();
    expect(mailFault([{ ...note, status: 'UNSETTLED' }], [], ['mail: x'], EVENT)).toBeUndefined();
  });

  it.each([
    ['accepted twice', [note], [mail, mail], [], 'was accepted 2 times'],
    ['called sent, and was not', [note], [], [], 'was accepted 0 times'],
    ['accepted, and not known as sent', [{ ...note, status: 'UNSETTLED' }], [mail], [], 'was accepted 1 times'],
    ['given up, and nobody is told', [{ ...note, status: 'UNSETTLED' }], [], [], 'administrators are told of 0'],
    ['missing', [], [], [], 'was not written to'],
  ] as const)('one that is %s is seen', (_name, rows, accepted, dead, says) => {
    expect(mailFault(rows, accepted, dead, EVENT)).toContain(says);
  });
});
