import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { priceAt, priceFor } from '../../pricing/views.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { formatMoney } from '../../shared/kernel/money.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Wish } from './wishes.ts';

/**
 * What one ticket costs, in minor units, who was shown these prices. What was read of the copy may be a moment old and change before
 * the hold is written: a price that was in force so lately is honoured, whoever was quick (ADR 31).
 *
 * @returns PRICE_CHANGED with the price as it is now, where it has risen since
 */
export function unitPriceOf(copy: TicketTypeCopy, wishes: readonly Wish[], now: Instant): Result<number, Problem> {
  const { currency } = copy;
  const seen = wishes.flatMap(({ price }) => price ?? []);
  if (seen.some((price) => price.currency !== currency)) return err(priceChanged(copy, now));
  const least = seen.length === 0 ? undefined : Math.min(...seen.map(({ amount }) => amount));
  const unitPrice = priceFor(copy, least, now);
  return unitPrice === undefined ? err(priceChanged(copy, now)) : ok(unitPrice);
}

function priceChanged(copy: TicketTypeCopy, now: Instant): Problem {
  const { ticketTypeId, name, currency } = copy;
  const price = { amount: priceAt(copy, now).unitPrice, currency };
  return problem('PRICE_CHANGED', `${name} now costs ${formatMoney(price)}. Hold it again if that suits you.`, {
    extra: { ticketTypeId, price },
  });
}
