import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import * as z from 'zod/mini';

import { rememberListed } from '../../functions/audit/writes.ts';
import { cancelEvent } from '../../functions/catalog/app/cancel-event.ts';
import type { CancellationRuns } from '../../functions/catalog/cancellation-runs.ts';
import { eventPublished } from '../../functions/catalog/events.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { findEvent, findProgress } from '../../functions/catalog/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { SECOND } from '../../functions/shared/kernel/clock.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { sleep } from './scheduler.ts';
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
  const { eventId, organizationId, ticketTypeId, name, unitPrice, currency, capacity } = type;
  const event = {
    eventId,
    organizationId,
    createdBy: organizationId,
    title: 'Harbour Lights',
    description: '',
    category: 'music',
    startsAt: type.eventStartsAt,
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ ticketTypeId, name, unitPrice, currency, quantity: capacity }],
    status: 'PUBLISHED',
    createdAt: now,
    publishedAt: now,
    requestHash: 'x',
  };
  const occasion = { now, correlationId: 'announced', by: 'system' as const, event: eventPublished.name };
  await commit(store.bare, [begin(eventKey(eventId), event, occasion, mustHold('new')), rememberListed(now)]);
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
  const told = store
    .items()
    .flatMap(({ pk, sk, ev }) => (pk === `EVENT#${eventId}` && String(sk).startsWith('TL#') ? [String(ev)] : []));
  for (const fact of ['CancellationStarted', 'Cancelled'])
    if (told.filter((each) => each === `catalog.Event${fact}.v1`).length !== 1)
      return `Event${fact} was told ${told.join(', ')}`;
  for (const fact of ['RefundsBegun', 'TicketsArchived', 'PaymentsRefunded'])
    if (told.filter((each) => each === `catalog.Event${fact}.v1`).length > 1) return `Event${fact} was told twice`;
  const { lines, refunded } = orders.reduce(
    (sum, { paidAt, lines: each, refunds = [] }) => ({
      lines: sum.lines + (paidAt === undefined ? 0 : each.filter((line) => line.eventId === eventId).length),
      refunded: sum.refunded + refunds.length,
    }),
    { lines: 0, refunded: 0 },
  );
  if (refunded < lines) return `${lines} lines were paid, and ${refunded} refunds made`;
  const live = store.items().filter(({ pk, status }) => String(pk).startsWith('TICKET#') && status === 'VALID');
  if (live.length > 0) return `${live.length} tickets of the cancelled event are live`;
  const receipt = (await findProgress(store.bare, event.cancellation.cancellationId))?.receipt;
  if (receipt === undefined) return undefined;
  const { succeeded, pending, failed, due } = receipt.refunds;
  const known = store
    .items()
    .filter(({ pk, sk, cause }) => String(pk).startsWith('REFUND#') && sk === 'REFUND' && cause === 'EVENT_CANCELLED');
  const sum = known.reduce((total, { amount }) => total + Number(amount), 0);
  const counted = receipt.amounts.reduce((total, each) => total + each.succeeded + each.pending + each.failed, 0);
  if (due + pending > 0 || succeeded + failed !== known.length || counted !== sum)
    return `The receipt says ${JSON.stringify(receipt)}, and there are ${known.length} refunds of ${sum}`;
  return undefined;
}
