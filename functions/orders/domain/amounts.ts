import type { OrderLine } from '../contract.ts';
import type { Order } from './order.ts';

/** What a ticket of the line costs, with fees and taxes on top: minor units. */
export function priceOf({ unitPrice, extra = 0 }: OrderLine): number {
  return unitPrice + extra;
}

/** Minor units that are left of what a line cost. */
export function leftOf(line: OrderLine): number {
  return priceOf(line) * line.quantity - (line.refundedAmount ?? 0);
}

/** What the order bears once beside its tickets, and what of it goes back with the last of them (ADR 32). */
export function onceOf({ total: all, lines, charges = [] }: Order): {
  readonly all: number;
  readonly refundable: number;
} {
  const once = all - sum(lines.map((line) => priceOf(line) * line.quantity));
  const fees = charges.filter(({ kind, per, included }) => kind === 'FEE' && per === 'ORDER' && included !== true);
  const borne = sum(fees.map(({ amount }) => amount));
  const returned = sum(fees.filter((fee) => fee.refundable === true).map(({ amount }) => amount));
  // Taxes on the fees go the way of the fees.
  return { all: once, refundable: borne === 0 ? 0 : Math.floor((once * returned) / borne) };
}

/** Minor units together. */
export function sum(amounts: readonly number[]): number {
  return amounts.reduce((result, amount) => result + amount, 0);
}
