import { portion, stepOf, WHOLE_BP } from '../../shared/kernel/money.ts';
import type { Charge, ChargeLine } from '../views.ts';

/** Tickets of one type that an order is to have. */
export interface ChargedLine {
  readonly eventId: string;
  readonly quantity: number;
  /** Minor units per ticket. */
  readonly unitPrice: number;
  readonly currency: string;
  /** The fees and taxes of its event. */
  readonly charges?: readonly Charge[] | undefined;
}

/** What one ticket bears of one charge, minor units. */
interface Borne {
  readonly charge: Charge;
  readonly amount: number;
}

/** What one ticket costs in all, and what of it is given back. */
export interface TicketPrice {
  /** Fees and taxes on top of the price, minor units. */
  readonly extra: number;
  /** What is given back for a ticket, minor units: all but fees that are kept and the taxes on them. */
  readonly back: number;
  readonly borne: readonly Borne[];
}

/** An order with its fees and taxes. The sum of lines, extras and charges of the whole order is the total. */
export interface Itemised {
  /** In the order of the lines. */
  readonly tickets: readonly TicketPrice[];
  readonly charges: readonly ChargeLine[];
  /** Minor units. */
  readonly total: number;
}

/**
 * What one ticket of `unitPrice` bears. Fees are of its price; taxes are of its price and the fees on top of it, or
 * contained in both. Each amount is rounded by itself, to the nearest and halves to the even one, so `n` tickets bear
 * exactly `n` times as much and nothing is left over when some of them go back. A free ticket bears nothing.
 */
export function ticketPrice(unitPrice: number, currency: string, charges: readonly Charge[] = []): TicketPrice {
  if (unitPrice === 0) return { extra: 0, back: 0, borne: [] };
  const step = stepOf(currency);
  const fees = charges
    .filter(({ kind, per }) => kind === 'FEE' && per === 'TICKET')
    .map((charge) => ({ charge, amount: feeOf(charge, unitPrice, step) }));
  const taxes = taxesOn(unitPrice + onTop(fees), charges, step);
  const kept = sumOf(fees.filter(({ charge }) => charge.refundable !== true));
  const extra = onTop([...fees, ...taxes]);
  // Fees that are contained in the price may be more than all of it where there are several.
  const back = Math.max(0, unitPrice + extra - kept - onTop(taxesOn(kept, charges, step)));
  return { extra, back, borne: [...fees, ...taxes] };
}

/** Fees and taxes of an order: those of its tickets, and once for each event those of the order. */
export function itemise(lines: readonly ChargedLine[]): Itemised {
  const tickets = lines.map(({ unitPrice, currency, charges }) => ticketPrice(unitPrice, currency, charges));
  const borne = lines.flatMap(({ eventId, quantity }, index) =>
    (tickets[index]?.borne ?? []).map(({ charge, amount }) => ({ eventId, charge, amount: amount * quantity })),
  );
  const events = [...Map.groupBy(lines, ({ eventId }) => eventId)];
  const ofOrders = events.flatMap(([eventId, own]) => orderCharges(own).map((each) => ({ eventId, ...each })));
  const charges = new Map<string, ChargeLine>();
  for (const { eventId, charge, amount } of [...borne, ...ofOrders]) {
    const { name, kind, per, included, refundable } = charge;
    const key = JSON.stringify([eventId, charge]);
    charges.set(key, {
      name,
      kind,
      per,
      amount: amount + (charges.get(key)?.amount ?? 0),
      ...(included === true ? { included } : {}),
      ...(refundable === true ? { refundable } : {}),
      ...(events.length > 1 ? { eventId } : {}),
    });
  }
  const prices = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  const top = [...charges.values()].reduce((sum, { amount, included }) => (included === true ? sum : sum + amount), 0);
  return { tickets, charges: [...charges.values()].filter(({ amount }) => amount > 0), total: prices + top };
}

/** What an order for one event bears once: its fees, of what its tickets cost together, and the taxes on those. */
function orderCharges(lines: readonly ChargedLine[]): readonly Borne[] {
  const [first] = lines;
  const charges = first?.charges ?? [];
  const prices = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  if (first === undefined || prices === 0) return [];
  const step = stepOf(first.currency);
  const fees = charges
    .filter(({ kind, per }) => kind === 'FEE' && per === 'ORDER')
    .map((charge) => ({ charge, amount: feeOf(charge, prices, step) }));
  return [...fees, ...taxesOn(onTop(fees), charges, step)];
}

/** A fee of what costs `price`; one that is contained in it is no more than it. */
function feeOf({ rateBp = 0, amount = 0, included }: Charge, price: number, step: number): number {
  const fee = portion(price, rateBp, step) + amount;
  return included === true ? Math.min(fee, price) : fee;
}

/** The taxes on `amount`. Several that are contained in it are parts of what it is without all of them. */
function taxesOn(amount: number, charges: readonly Charge[], step: number): readonly Borne[] {
  const taxes = charges.filter(({ kind }) => kind === 'TAX');
  const contained = taxes.reduce((sum, { included, rateBp = 0 }) => (included === true ? sum + rateBp : sum), 0);
  return taxes.map((charge) => {
    const { rateBp = 0, included } = charge;
    const whole = included === true ? WHOLE_BP + contained : WHOLE_BP;
    return { charge, amount: portion(amount, rateBp, step, whole) };
  });
}

function sumOf(borne: readonly Borne[]): number {
  return borne.reduce((sum, { amount }) => sum + amount, 0);
}

function onTop(borne: readonly Borne[]): number {
  return sumOf(borne.filter(({ charge }) => charge.included !== true));
}
