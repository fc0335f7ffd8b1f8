import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { itemise, priceAt, viewCharges } from '../../pricing/views.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import type { Table } from '../../shared/table/client.ts';
import type { CartView } from '../carts-contract.ts';
import type { Cart, CartLine } from '../domain/cart.ts';
import { checkWindow } from '../domain/hold.ts';

/** A cart with the prices, fees and sale windows of now; what can no longer be bought is shown with the reason. */
export async function showCart(table: Table, { lines }: Cart, now: Instant): Promise<CartView> {
  const types = await findTicketTypes(
    table,
    lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  const shown = lines.map((line) => {
    const copy = types.get(line.ticketTypeId);
    return { line, copy, refusal: refusalOf(line, copy, now) };
  });
  const sold = shown.flatMap(({ line: { quantity }, copy, refusal }) =>
    copy === undefined || refusal !== undefined ? [] : [{ ...copy, quantity, unitPrice: priceAt(copy, now).unitPrice }],
  );
  const [first] = sold;
  const { charges, total } = itemise(sold);
  return {
    items: shown.map(({ line: { unitPrice: before, ...line }, copy, refusal }) => {
      const price = copy === undefined ? before : priceAt(copy, now).unitPrice;
      return {
        ...line,
        name: copy?.name ?? line.name,
        price,
        ...(price === before ? {} : { formerPrice: before }),
        ...(refusal === undefined ? {} : { refusal: { code: refusal.code, detail: refusal.detail } }),
      };
    }),
    charges: first === undefined ? [] : viewCharges(charges, first.currency),
    total: first === undefined ? null : { amount: total, currency: first.currency },
  };
}

function refusalOf({ name, currency }: CartLine, copy: TicketTypeCopy | undefined, now: Instant): Problem | undefined {
  if (copy === undefined) return problem('TICKET_TYPE_NOT_FOUND', `${name} is no longer on sale.`);
  if (copy.currency !== currency) return problem('PRICE_CHANGED', `${name} is sold in ${copy.currency} now.`);
  return checkWindow(copy, now);
}
