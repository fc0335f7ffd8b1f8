import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import type { InvariantId } from '../../scripts/audit/report.ts';
import {
  CANCELLED_ID,
  ERASED_ID,
  find,
  HELD_ID,
  NOW,
  PAID_ID,
  PERSON_ID,
  POOL_ID,
  TYPE_ID,
  type PlantedWorld,
} from './world.ts';

type Rows = PlantedWorld['rows'];
type Books = PlantedWorld['ledger'];
type Plant = (rows: Rows, ledger: Books) => void;

/** A fault to plant in a sound world, and the difference as which the auditor must name it. */
export interface PlantedFault {
  readonly invariant: InvariantId;
  readonly name: string;
  readonly id: string;
  readonly what: string;
  readonly plant: Plant;
  /** The moment of the audit, where it matters. */
  readonly at: number | undefined;
  /** Whether it must be seen in the middle of things too. */
  readonly always: boolean;
}

const always = (invariant: InvariantId, name: string, id: string, what: string, plant: Plant): PlantedFault => ({
  invariant,
  name,
  id,
  what,
  plant,
  at: undefined,
  always: true,
});
const atRest = (
  invariant: InvariantId,
  name: string,
  id: string,
  what: string,
  plant: Plant,
  at?: number,
): PlantedFault => ({ invariant, name, id, what, plant, at, always: false });

const BLOCK = `POOL#${POOL_ID}#B0`;
const ORDER = `ORDER#${PAID_ID}`;
const LIMIT = `LIMIT#${TYPE_ID}#buyer-${PAID_ID}`;
const PERSON = `USER#${PERSON_ID}`;
const ERASED = `USER#${ERASED_ID}`;
const TICKET = ticketIdOf(PAID_ID, '1', 0);

const set =
  (pk: string, members: Readonly<Record<string, unknown>>, sk?: string): Plant =>
  (rows) =>
    void Object.assign(find(rows, pk, sk), members);
const drop =
  (pk: string, sk?: string): Plant =>
  (rows) =>
    void rows.splice(rows.indexOf(find(rows, pk, sk)), 1);
const add =
  (...more: Rows): Plant =>
  (rows) =>
    void rows.push(...more);
const pay =
  (members: Readonly<Record<string, unknown>>): Plant =>
  (_rows, { paymentIntents }) =>
    void Object.assign(paymentIntents[0] ?? {}, members);
const refund =
  (id: string, amount: number, metadata: Record<string, string> | null = null, of = 'pi_paid'): Plant =>
  (_rows, { refunds }) =>
    void refunds.push({ id, amount, status: 'succeeded', payment_intent: of, metadata });
const both =
  (...plants: readonly Plant[]): Plant =>
  (rows, ledger) => {
    for (const plant of plants) plant(rows, ledger);
  };
const copy =
  (pk: string, sk: string, members: Readonly<Record<string, unknown>>): Plant =>
  (rows) =>
    void rows.push({ ...find(rows, pk, sk), ...members });
const charge =
  (id: string, members: Readonly<Record<string, unknown>>): Plant =>
  (_rows, { paymentIntents: [first], paymentIntents }) => {
    if (first !== undefined) paymentIntents.push({ ...first, ...members, id });
  };

/** Turns the pool into one of seats, of which `free` are free in the first block. */
const seated = (free: ReadonlySet<string>): Plant =>
  both(set(`POOL#${POOL_ID}`, { kind: 'SEATS' }, 'POOL'), set(BLOCK, { free }));

/** The plan of the pool with one row of these seats. */
const planned = (seatIds: readonly string[]): Rows[number] => ({
  pk: `POOL#${POOL_ID}`,
  sk: 'ROWS#000',
  rows: JSON.stringify([
    { label: 'A', centre: 0, distance: 1, pitch: 1, seats: seatIds.map((id) => ({ id, number: id })) },
  ]),
});

const lines = (change: Readonly<Record<string, unknown>>): unknown[] => [
  {
    id: '1',
    eventId: '01EVENT',
    ticketTypeId: TYPE_ID,
    poolId: POOL_ID,
    quantity: 2,
    unitPrice: 4_500,
    takes: [{ block: 0, quantity: 2 }],
    limited: true,
    ...change,
  },
];

/** At least one for each invariant that the auditor judges. */
export const FAULTS: readonly PlantedFault[] = [
  always('I1', 'BLOCK_NOT_CONSERVED', BLOCK, 'a ticket that vanished from a block', set(BLOCK, { free: 745 })),
  always('I1', 'NOT_A_COUNT', BLOCK, 'a block below zero', set(BLOCK, { free: -4, size: 0 })),
  always('I1', 'NOT_A_COUNT', BLOCK, 'half a ticket', set(BLOCK, { free: 745.5, size: 749.5 })),
  always(
    'I1',
    'CAPACITY_DIFFERS',
    POOL_ID,
    'a capacity that is not in the blocks',
    set(`POOL#${POOL_ID}`, { capacity: 1_501 }, 'POOL'),
  ),
  always(
    'I1',
    'BLOCKED_DIFFERS',
    POOL_ID,
    'blocked tickets that no block has',
    set(`POOL#${POOL_ID}`, { blocked: 4 }, 'POOL'),
  ),
  always('I1', 'BLOCKS_MISSING', POOL_ID, 'a lost block', drop(`POOL#${POOL_ID}#B1`)),
  always('I1', 'TAKEN_FROM_NO_BLOCK', BLOCK, 'stock taken from no block', drop(BLOCK)),
  always('I1', 'BLOCK_WITHOUT_POOL', BLOCK, 'stock of no pool', drop(`POOL#${POOL_ID}`, 'POOL')),
  always(
    'I1',
    'LINE_NOT_TAKEN',
    PAID_ID,
    'a line that took less than it is for',
    set(ORDER, { lines: lines({ takes: [{ block: 0, quantity: 1 }] }) }, 'ORDER'),
  ),
  always('I1', 'ROW_UNREADABLE', `${ORDER} ORDER`, 'a row that cannot be read', set(ORDER, { state: 'SOLD' }, 'ORDER')),
  atRest('I1', 'SOLD_NOT_TICKETED', TYPE_ID, 'a paid ticket that was never made', drop(`TICKET#${TICKET}`, 'TICKET')),
  always('I1', 'TYPE_WITHOUT_POOL', TYPE_ID, 'a type that no pool knows', set(`TT#${TYPE_ID}`, { poolId: 'other' })),
  always(
    'I2',
    'SEAT_SOLD_TWICE',
    `${BLOCK} A1`,
    'a seat on two orders',
    both(
      seated(new Set(['A5'])),
      set(ORDER, { lines: lines({ takes: [{ block: 0, quantity: 2, seats: ['A1', 'A2'] }] }) }, 'ORDER'),
      set(`ORDER#${HELD_ID}`, { lines: lines({ takes: [{ block: 0, quantity: 2, seats: ['A1', 'A3'] }] }) }, 'ORDER'),
    ),
  ),
  always(
    'I2',
    'SEAT_TAKEN_AND_FREE',
    `${BLOCK} A2`,
    'a sold seat that is free',
    both(
      seated(new Set(['A2'])),
      set(ORDER, { lines: lines({ takes: [{ block: 0, quantity: 2, seats: ['A1', 'A2'] }] }) }, 'ORDER'),
    ),
  ),
  always('I2', 'SEATS_MISCOUNTED', PAID_ID, 'an order of seats that names none', seated(new Set(['A1']))),
  always(
    'I2',
    'SEAT_LOST',
    `${BLOCK} A2`,
    'a seat that is nowhere',
    both(seated(new Set(['A1'])), (rows) => void rows.push(planned(['A1', 'A2']))),
  ),
  always(
    'I2',
    'SEAT_NOT_PLANNED',
    `${BLOCK} A3`,
    'a free seat that the plan does not have',
    both(seated(new Set(['A1', 'A3'])), (rows) => void rows.push(planned(['A1', 'A2']))),
  ),
  always('I2', 'ROW_NOT_PLANNED', BLOCK, 'seats of no plan', seated(new Set(['A1']))),
  atRest(
    'I2',
    'TICKET_OF_ANOTHER_SEAT',
    TICKET,
    'a ticket for a seat that was not sold with it',
    set(`TICKET#${TICKET}`, { seat: { id: 'A1', label: 'A1' } }),
  ),
  atRest(
    'I2',
    'SEAT_TICKETED_TWICE',
    '01EVENT A1',
    'two live tickets for one seat',
    both(
      set(`TICKET#${TICKET}`, { seat: { id: 'A1', label: 'A1' } }),
      set(`TICKET#${ticketIdOf(PAID_ID, '1', 1)}`, { seat: { id: 'A1', label: 'A1' } }),
    ),
  ),
  atRest('I3', 'PAYMENT_WITHOUT_ORDER', 'pi_paid', 'money for no order', pay({ metadata: {} })),
  atRest(
    'I3',
    'PAYMENT_WITHOUT_ORDER',
    'pi_other',
    'money for an order that has another payment',
    charge('pi_other', {}),
  ),
  atRest(
    'I3',
    'PAYMENT_CLAIMED_TWICE',
    'pi_paid',
    'one payment for two orders',
    set(`ORDER#${HELD_ID}`, { paymentIntentId: 'pi_paid' }, 'ORDER'),
  ),
  atRest(
    'I3',
    'PAYMENT_NOT_ACCOUNTED_FOR',
    'pi_paid',
    'a paid order without one of its tickets',
    drop(`TICKET#${TICKET}`, 'TICKET'),
  ),
  atRest('I3', 'PAYMENT_NOT_ACCOUNTED_FOR', 'pi_paid', 'a refund that left the tickets live', refund('re_1', 4_500)),
  always('I4', 'REFUNDED_TOO_MUCH', 'pi_paid', 'refunds above what was captured', refund('re_1', 9_001)),
  always(
    'I4',
    'REFUNDED_TWICE',
    'return/x',
    'two refunds for one cause',
    both(refund('re_1', 100, { cause: 'return/x' }), refund('re_2', 100, { cause: 'return/x' })),
  ),
  always('I4', 'NOT_AN_AMOUNT', 're_1', 'a refund of nothing', refund('re_1', 0)),
  always(
    'I4',
    'REFUND_WITHOUT_PAYMENT',
    're_1',
    'a refund of a payment that is not there',
    refund('re_1', 1, null, 'pi_gone'),
  ),
  always('I5', 'PAYMENT_DIFFERS', 'pi_paid', 'a payment over another amount', pay({ amount: 9_001 })),
  always('I5', 'PAYMENT_DIFFERS', 'pi_paid', 'a payment in another currency', pay({ currency: 'usd' })),
  always('I5', 'CAPTURED_DIFFERS', 'pi_paid', 'a capture of less than the order', pay({ amount_received: 8_999 })),
  atRest(
    'I5',
    'CAPTURED_DIFFERS',
    PAID_ID,
    'a paid order whose money never came',
    (_rows, { paymentIntents }) => void paymentIntents.pop(),
  ),
  always(
    'I5',
    'TOTAL_DIFFERS',
    PAID_ID,
    'a total that is not that of its lines',
    set(ORDER, { total: 9_100 }, 'ORDER'),
  ),
  always(
    'I5',
    'TOTAL_DIFFERS',
    PAID_ID,
    'a fee that nobody paid',
    set(ORDER, { charges: [{ name: 'Fee', kind: 'FEE', per: 'TICKET', amount: 100 }] }, 'ORDER'),
  ),
  atRest(
    'I5',
    'PRICE_WITHOUT_RULES',
    PAID_ID,
    'a price by rules that no type has',
    set(ORDER, { dynamic: true }, 'ORDER'),
  ),
  atRest('I5', 'PRICE_NEVER_ASKED', PAID_ID, 'a price that was never asked', (rows, ledger) => {
    set(ORDER, { dynamic: true }, 'ORDER')(rows, ledger);
    const step = { ver: 1, ev: 'pricing.PricingStarted.v1', at: NOW, cid: 'planted', by: 'system', ch: 'x' };
    rows.push({ pk: `PRICING#${TYPE_ID}`, sk: 'TL#000001', ...step, set: { unitPrice: 4_400 }, removed: [] });
  }),
  always('I5', 'NOT_AN_AMOUNT', PAID_ID, 'a total that is no integer', set(ORDER, { total: 90.5 }, 'ORDER')),
  always('I5', 'NOT_A_CURRENCY', PAID_ID, 'a currency that is none', set(ORDER, { currency: 'euro' }, 'ORDER')),
  always(
    'I5',
    'SNAPSHOT_CHANGED',
    PAID_ID,
    'a price that changed after the hold',
    set(ORDER, { total: 9_002, lines: lines({ unitPrice: 4_501 }) }, 'ORDER'),
  ),
  atRest('I6', 'TICKET_MISSING', TICKET, 'a missing ticket', drop(`TICKET#${TICKET}`, 'TICKET')),
  atRest(
    'I6',
    'TICKET_TOO_MANY',
    '01EXTRA',
    'a ticket too many',
    copy(`TICKET#${TICKET}`, 'TICKET', { pk: 'TICKET#01EXTRA', ticketId: '01EXTRA' }),
  ),
  atRest(
    'I6',
    'TICKET_NOT_PAID',
    TICKET,
    'a live ticket of an order that nobody paid',
    set(`TICKET#${TICKET}`, { orderId: CANCELLED_ID }, 'TICKET'),
  ),
  atRest(
    'I6',
    'TICKET_WITHOUT_ORDER',
    TICKET,
    'a ticket of no order',
    set(`TICKET#${TICKET}`, { orderId: '01GONE' }, 'TICKET'),
  ),
  atRest(
    'I6',
    'TICKET_DIFFERS',
    TICKET,
    'a ticket for another type',
    set(`TICKET#${TICKET}`, { ticketTypeId: '01VIP' }, 'TICKET'),
  ),
  atRest(
    'I6',
    'TICKET_OF_ANOTHER',
    TICKET,
    "a ticket in somebody else's hands",
    set(`TICKET#${TICKET}`, { customerId: 'thief' }, 'TICKET'),
  ),
  atRest(
    'I6',
    'TICKET_NOT_LIVE',
    TICKET,
    'a dead ticket of a paid order',
    set(`TICKET#${TICKET}`, { status: 'ARCHIVED' }, 'TICKET'),
  ),
  atRest(
    'I6',
    'NOT_MARKED_ISSUED',
    PAID_ID,
    'tickets that nobody was told of',
    set(ORDER, { ticketsIssued: false }, 'ORDER'),
  ),
  atRest('I7', 'HOLD_OUTLIVED', HELD_ID, 'a hold that nobody swept', () => undefined, NOW + 13 * 60_000),
  atRest('I8', 'VERSION_MISSING', ORDER, 'a version that is not in the timeline', drop(ORDER, 'TL#000003')),
  always('I8', 'TIMELINE_AHEAD', ORDER, 'a timeline that is ahead of its row', set(ORDER, { ver: 4 }, 'ORDER')),
  always(
    'I8',
    'NO_SUCH_TRANSITION',
    ORDER,
    'a step that the graph does not have',
    set(ORDER, { set: { state: 'EXPIRED' } }, 'TL#000003'),
  ),
  always('I8', 'NOT_A_STATE', ORDER, 'a state that there is not', set(ORDER, { set: { state: 'SOLD' } }, 'TL#000003')),
  always(
    'I8',
    'NOT_BEGUN_HELD',
    ORDER,
    'an order that did not begin as a hold',
    set(ORDER, { set: { state: 'PENDING' } }, 'TL#000001'),
  ),
  always(
    'I8',
    'NOT_A_VERSION',
    `ORDER#${HELD_ID}`,
    'a version below one',
    set(`ORDER#${HELD_ID}`, { ver: 0 }, 'ORDER'),
  ),
  always(
    'I8',
    'VERSION_TWICE',
    ORDER,
    'a step that is told in another way as well',
    copy(ORDER, 'TL#000004', { sk: 'TL#000004', by: 'somebody-else' }),
  ),
  always('I11', 'CHAIN_BROKEN', ORDER, 'a step that was written over', set(ORDER, { at: NOW - 5 }, 'TL#000002')),
  always(
    'I11',
    'FOLD_DIFFERS',
    ORDER,
    'a row that was changed past its events',
    set(ORDER, { customerId: 'thief' }, 'ORDER'),
  ),
  atRest(
    'I11',
    'TIMELINE_MISSING',
    `ORDER#${HELD_ID}`,
    'a row whose timeline is gone',
    drop(`ORDER#${HELD_ID}`, 'TL#000001'),
  ),
  always(
    'I11',
    'ROW_MISSING',
    `ORDER#${CANCELLED_ID}`,
    'a timeline whose row is gone',
    drop(`ORDER#${CANCELLED_ID}`, 'ORDER'),
  ),
  always('I11', 'TIMELINES_COLLIDE', ORDER, 'two aggregates in one timeline', copy(ORDER, 'ORDER', { sk: 'TWIN' })),
  always(
    'I11',
    'ROW_UNREADABLE',
    `TICKET#${TICKET} TICKET`,
    'a change without a mark',
    set(`TICKET#${TICKET}`, { ch: undefined }, 'TICKET'),
  ),
  always('I12', 'COUNTER_DIFFERS', LIMIT, 'a counter that forgot a purchase', set(LIMIT, { held: 0 })),
  always(
    'I12',
    'COUNTER_DIFFERS',
    `LIMIT#${TYPE_ID}#nobody`,
    'a counter for nothing',
    add({ pk: `LIMIT#${TYPE_ID}#nobody`, sk: 'LIMIT', held: 1 }),
  ),
  always('I12', 'NOT_A_COUNT', LIMIT, 'a counter below zero', set(LIMIT, { held: -1 })),
  always(
    'I12',
    'LIMIT_EXCEEDED',
    LIMIT,
    'a person with more than the limit',
    set(`TT#${TYPE_ID}`, { maxPerPerson: 1 }),
  ),
  always('I19', 'KEY_MISSING', PERSON_ID, 'a person whose key is lost', drop(PERSON, 'KEY')),
  always(
    'I19',
    'KEY_LEFT',
    ERASED_ID,
    'an erased person whose key came back',
    add({ pk: ERASED, sk: 'KEY', userId: ERASED_ID, wrapped: 'kms1:x' }),
  ),
  always('I19', 'NOT_EMPTIED', ERASED_ID, 'a name that an erasure forgot', set(ERASED, { phone: 'gcm2:x' }, 'USER')),
  always(
    'I19',
    'MAILBOX_LEFT',
    ERASED_ID,
    'a mailbox that an erasure forgot',
    add({ pk: 'MAILBOX#hash', sk: 'MAILBOX', limitId: ERASED_ID, userId: ERASED_ID }),
  ),
  always('I19', 'ADDRESS_LEFT', ERASED_ID, 'an address that stays taken', set('EMAIL#hash', { userId: ERASED_ID })),
  always(
    'I19',
    'POST_LEFT',
    ERASED_ID,
    'an organisation that keeps somebody erased',
    add({ pk: 'ORG#1', sk: 'ORG', members: [{ userId: ERASED_ID, posts: [], since: 1 }] }),
  ),
  always(
    'I19',
    'POST_LEFT',
    ERASED_ID,
    'an erased admin',
    add({ pk: 'ADMINS#ALL', sk: 'ADMINS', adminIds: [ERASED_ID] }),
  ),
  atRest(
    'I19',
    'SESSION_LEFT',
    ERASED_ID,
    'a session of an erased person',
    add({ pk: ERASED, sk: 'SESSION#1', expiresAt: NOW + 86_400_000 }),
  ),
  atRest(
    'I19',
    'ROWS_LEFT',
    ERASED_ID,
    'a row that an erasure forgot',
    add({ pk: ERASED, sk: 'PHONE', codeHash: 'x' }),
  ),
  atRest(
    'I19',
    'ERASURE_LEFT',
    ERASED_ID,
    'an erasure that nobody finishes',
    set(ERASED, { erasedAt: undefined }, 'USER'),
    NOW + 2 * 3_600_000,
  ),
  atRest(
    'I20',
    'RUN_LEFT',
    HELD_ID,
    'a run that never came back',
    set(`ORDER#${HELD_ID}`, { state: 'SECURED', leaseUntil: NOW - 180_000 }, 'ORDER'),
  ),
  atRest(
    'I20',
    'AUTHORISATION_LEFT',
    'pi_late',
    'an authorisation that nobody voided',
    charge('pi_late', { amount_received: 0, status: 'requires_capture', metadata: { orderId: CANCELLED_ID } }),
  ),
];
