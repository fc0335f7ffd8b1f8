import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import * as z from 'zod/mini';

import { rememberListed } from '../../functions/audit/writes.ts';
import { cancelEvent } from '../../functions/catalog/app/cancel-event.ts';
import type { CancellationRuns } from '../../functions/catalog/cancellation-runs.ts';
import { eventPaymentsRefunded, eventPublished, eventTicketsArchived } from '../../functions/catalog/events.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import type { Progress } from '../../functions/catalog/domain/cancellation.ts';
import { findEvent, findProgress } from '../../functions/catalog/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { SECOND } from '../../functions/shared/kernel/clock.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { sleep } from './scheduler.ts';
import type { Store } from './store.ts';
import type { System } from './system.ts';

/** The calls of a cancellation begin with the first of these, as the scheduler names them. */
export const CANCELS_EVENT = /^organizer cancels › /;

/** Times that an organizer's page asks again when no answer came. */
const TRIES = 3;
const DEFINITION: StateMachineDefinition = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', 'cancel-event.asl.json'), 'utf8'),
);
const TASKS = Object.entries(DEFINITION.States).flatMap(([name, { Type }]) => (Type === 'Task' ? [name] : []));
const invocation = z.object({ Payload: z.unknown() });
type Json = Parameters<StateMachine['run']>[0];
let interpreter: StateMachine | undefined;

/**
 * Executions of `cancel-event.asl.json` as it is, its waits on the clock of the history. An execution that has been
 * lost is never heard of again; a name is started once.
 *
 * @param invoke runs a step as a process of its own, which may die
 */
export function cancellationMachine(invoke: (payload: unknown) => Promise<unknown>): CancellationRuns {
  interpreter ??= new StateMachine(DEFINITION, { validationOptions: { checkArn: false } });
  const machine = interpreter;
  const names = new Set<string>();
  const task = async (input: Json): Promise<Json> => {
    const { Payload } = z.parse(invocation, input);
    const answer: Json = JSON.parse(JSON.stringify(await invoke(JSON.parse(JSON.stringify(Payload)))));
    return { Payload: answer };
  };
  return {
    start: async ({ cancellationId, eventId }, attempt) => {
      const run = `${cancellationId}-${attempt}`;
      if (names.has(run)) return;
      names.add(run);
      const overrides = { taskResourceLocalHandlers: Object.fromEntries(TASKS.map((name) => [name, task])) };
      machine.run({ cancellationId, eventId, run }, { overrides }).result.catch(() => undefined);
    },
  };
}

/** Puts the event of a type in the catalogue, before the history begins. */
export async function announce({ store, now }: System, type: TicketTypeCopy): Promise<void> {
  const event = publishedEventOf(type, type.organizationId, now);
  const occasion = { now, correlationId: 'announced', by: 'system' as const, event: eventPublished.name };
  await commit(store.bare, [begin(eventKey(type.eventId), event, occasion, mustHold('new')), rememberListed(now)]);
}

/** Cancels an event as its organizer does, until an answer has come. */
export async function cancelAsOrganizer(system: System, eventId: string, after: number): Promise<void> {
  await sleep(after);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const answer = await system.request('organizer cancels', async () => {
      const event = await findEvent(system.store.table, eventId);
      if (event === undefined) throw new Error('There is no event');
      return cancelEvent(system.store.table, { event }, 'Storm', system.cancellations, system.occasion('cancel'));
    });
    if (answer !== 'NO_ANSWER') return;
    await sleep(attempt * SECOND);
  }
}

/** A fact about a cancelled event that was not true when it was told. @param told a row as it was just written */
export function untrueFact(told: Readonly<Record<string, unknown>>, rows: () => Rows): string | undefined {
  const { ev, sk } = told;
  const about = String(told['pk']).slice('EVENT#'.length);
  if (sk !== eventKey('').sk) return undefined;
  const open = (prefix: string, ...states: readonly unknown[]): Rows =>
    rows().filter(({ pk, status, state }) => String(pk).startsWith(prefix) && states.includes(status ?? state));
  if (ev === eventTicketsArchived.name && open('TICKET#', 'VALID').some(({ eventId }) => eventId === about))
    return 'TicketsArchived was told of live tickets';
  if (
    ev === eventPaymentsRefunded.name &&
    open('REFUND#', 'DUE', 'PENDING').some((row) => givesBack(row, about, rows()))
  )
    return 'PaymentsRefunded was told of money that was not back';
  return undefined;
}

/** Whether a refund is of lines of this event; a buyer's own may be of those of another event of the same order. */
function givesBack(refund: Row, eventId: string, rows: Rows): boolean {
  const order = rows.find(({ pk, sk }) => pk === `ORDER#${String(refund['orderId'])}` && sk === 'ORDER');
  const given = z.parse(z.object({ lines: z.array(z.object({ id: z.string() })) }), refund).lines;
  const lines = z.parse(z.object({ lines: z.array(z.object({ id: z.string(), eventId: z.string() })) }), order).lines;
  return lines.some((line) => line.eventId === eventId && given.some(({ id }) => id === line.id));
}

/** What the auditor does not ask of a cancelled event: an end, each fact told once, and a receipt that is true. */
export async function cancellationFault(
  { store }: System,
  eventId: string,
  orders: readonly Order[],
): Promise<string | undefined> {
  const event = await findEvent(store.bare, eventId);
  if (event?.status === 'PUBLISHED') return undefined;
  if (event?.status !== 'CANCELLED' || event.cancellation === undefined)
    return `The cancelled event is ${event?.status} at rest`;
  const { cancellationId, refunding } = event.cancellation;
  const rows = store.items();
  const receipt = (await findProgress(store.bare, cancellationId))?.receipt;
  return (
    factsFault(rows, eventId, refunding === true) ??
    standingFault(rows, eventId, orders) ??
    // Where nothing was sold, no workflow was needed.
    (refunding === true ? receiptFault(rows, receipt) : undefined)
  );
}

type Rows = ReturnType<Store['items']>;
type Row = Rows[number];

/** A fact that was told too often, or not at all. */
function factsFault(rows: Rows, eventId: string, refunding: boolean): string | undefined {
  const told = rows.flatMap(({ pk, sk, ev }) =>
    pk === `EVENT#${eventId}` && String(sk).startsWith('TL#') ? [String(ev)] : [],
  );
  const ofRefunds = ['RefundsBegun', 'TicketsArchived', 'PaymentsRefunded'];
  const times = new Map([
    ...['CancellationStarted', 'Cancelled'].map((fact) => [fact, 1] as const),
    ...ofRefunds.map((fact) => [fact, refunding ? 1 : 0] as const),
  ]);
  for (const [fact, wanted] of times)
    if (told.filter((each) => each === `catalog.Event${fact}.v1`).length !== wanted)
      return `Event${fact} is to be told ${wanted} times, and was: ${told.join(', ')}`;
  return undefined;
}

/** A paid ticket of the event that was not given back, or that still admits. */
function standingFault(rows: Rows, eventId: string, orders: readonly Order[]): string | undefined {
  for (const { orderId, paidAt, lines } of orders)
    for (const { id, eventId: of, quantity, refunded = [] } of paidAt === undefined ? [] : lines)
      if (of === eventId && refunded.length !== quantity)
        return `Of line ${id} of order ${orderId} ${refunded.length} of ${quantity} tickets were given back`;
  const live = rows.filter(
    ({ pk, status, eventId: of }) => String(pk).startsWith('TICKET#') && status === 'VALID' && of === eventId,
  );
  return live.length > 0 ? `${live.length} tickets of the cancelled event are live` : undefined;
}

/** What a receipt says otherwise than the rows of the refunds. */
function receiptFault(rows: Rows, receipt: Progress['receipt']): string | undefined {
  if (receipt === undefined) return 'A cancellation that gave money back has no receipt';
  const { succeeded, pending, failed, due } = receipt.refunds;
  const known = rows.filter(
    ({ pk, sk, cause }) => String(pk).startsWith('REFUND#') && sk === 'REFUND' && cause === 'EVENT_CANCELLED',
  );
  const sum = known.reduce((total, { amount }) => total + Number(amount), 0);
  const counted = receipt.amounts.reduce((total, each) => total + each.succeeded + each.pending + each.failed, 0);
  return due + pending > 0 || succeeded + failed !== known.length || counted !== sum
    ? `The receipt says ${JSON.stringify(receipt)}, and there are ${known.length} refunds of ${sum}`
    : undefined;
}
