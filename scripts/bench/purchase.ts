import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { HOLD_MS } from '../../functions/reservations/contract.ts';
import { buyHeld, consume, placeHold, relayBatch, streamedChanges, sweep } from './flows.ts';
import type { BenchContext } from './row.ts';
import { openTicketType, signIn } from './world.ts';

/** What purchases of two tickets cost, stage by stage; divided by how many were bought together. */
export interface PurchaseCost {
  /** Orders that were bought and relayed together. */
  readonly orders: number;
  /** Units by sort of row, for one order. */
  readonly writes: Readonly<Record<Stage, ReadonlyMap<string, number>>>;
  readonly reads: Readonly<Record<Stage, ReadonlyMap<string, number>>>;
  readonly holdTrips: { readonly requests: number; readonly rounds: number; readonly operations: readonly string[] };
  /** States that the last run of the purchase workflow entered. */
  readonly states: readonly string[];
  /** Bytes of the largest row written, by sort. */
  readonly bytes: ReadonlyMap<string, number>;
}

export const STAGES = ['hold', 'order', 'confirm', 'relay', 'tickets', 'mail', 'sweep'] as const;
export type Stage = (typeof STAGES)[number];
/** Stages until the order is PAID. */
export const TO_PAID = ['hold', 'order', 'confirm'] as const;

/**
 * Buys two tickets with each of `orders` buyers through the real handlers, then lets everything follow:
 * stream, tickets, mail, and the sweep that finds the hold settled.
 *
 * @param orders more than one shows what batches of the stream share
 */
export async function measurePurchase(
  { world, handlers }: BenchContext,
  orders: number,
  maxPerPerson?: number,
): Promise<PurchaseCost> {
  const { meter } = world;
  const ticketTypeId = await openTicketType(world, 1_000, maxPerPerson);
  meter.reset();
  let mark = 0;
  /** Relays what changed since it was last called, as one batch. */
  const relay = async (): Promise<void> => {
    const changes = streamedChanges(world, mark);
    await meter.during('relay', () => relayBatch(handlers, changes));
    mark = meter.calls.length;
  };

  const buyers = [];
  for (let index = 0; index < orders; index += 1) buyers.push(await signIn(world, index === 0));
  const holds = [];
  for (const buyer of buyers)
    holds.push({ buyer, id: await meter.during('hold', () => placeHold(handlers, buyer, ticketTypeId, 2)) });
  await relay();
  for (const { buyer, id } of holds) await buyHeld(world, handlers, buyer, id);
  await relay();
  const paid = await world.receive('tickets');
  await meter.during('tickets', () => consume(handlers.issueTickets, paid));
  await relay();
  const issued = await world.receive('mail');
  await meter.during('mail', () => consume(handlers.sendMail, issued));
  await meter.during('sweep', () => sweep(handlers, Date.now() + HOLD_MS + 2 * MINUTE));
  await world.receive('payments');

  const of = (kind: 'read' | 'write') => (stage: Stage) => [stage, divided(meter.units(kind, stage), orders)] as const;
  const bytes = new Map<string, number>();
  for (const { row, bytes: size, kind } of meter.calls.flatMap(({ charges }) => charges)) {
    if (kind === 'write') bytes.set(row, Math.max(bytes.get(row) ?? 0, size));
  }
  return {
    orders,
    writes: byStage(STAGES.map(of('write'))),
    reads: byStage(STAGES.map(of('read'))),
    holdTrips: meter.roundTrips('hold'),
    states: world.control.runs.at(-1) ?? [],
    bytes,
  };
}

function byStage(
  entries: readonly (readonly [Stage, ReadonlyMap<string, number>])[],
): Record<Stage, ReadonlyMap<string, number>> {
  const found = new Map(entries);
  const of = (stage: Stage): ReadonlyMap<string, number> => found.get(stage) ?? new Map<string, number>();
  return {
    hold: of('hold'),
    order: of('order'),
    confirm: of('confirm'),
    relay: of('relay'),
    tickets: of('tickets'),
    mail: of('mail'),
    sweep: of('sweep'),
  };
}

function divided(units: ReadonlyMap<string, number>, by: number): ReadonlyMap<string, number> {
  return new Map([...units].map(([row, count]) => [row, count / by]));
}

/** Units of `stages` together. */
export function totalOf(units: PurchaseCost['writes'], stages: readonly Stage[]): number {
  return stages.flatMap((stage) => [...units[stage].values()]).reduce((sum, count) => sum + count, 0);
}

/** Costs are the same however often they are measured, so each is measured once for all rows. */
const measured = new Map<string, Promise<PurchaseCost>>();

/** As {@link measurePurchase}, once for each world. */
export function purchaseOf(context: BenchContext, orders: number, maxPerPerson?: number): Promise<PurchaseCost> {
  const name = `${context.world.table.name} ${orders} ${maxPerPerson ?? ''}`;
  const cost = measured.get(name) ?? measurePurchase(context, orders, maxPerPerson);
  measured.set(name, cost);
  return cost;
}
