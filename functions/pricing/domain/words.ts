import { toTimestamp } from '../../shared/kernel/clock.ts';
import { formatMoney } from '../../shared/kernel/money.ts';
import type { PriceReason } from '../views.ts';

/** Why a ticket costs what it costs, a sentence for each step that led there. */
export function explain(reasons: readonly PriceReason[], currency: string): readonly string[] {
  return reasons.map((reason) => sentence(reason, formatMoney({ amount: reason.amount, currency })));
}

function sentence(reason: PriceReason, price: string): string {
  switch (reason.rule) {
    case 'BASE':
      return `The regular price is ${price}.`;
    case 'TIER':
      return reason.afterSold === 1
        ? `After the first ticket it is ${price}.`
        : `After the first ${reason.afterSold} tickets it is ${price}.`;
    case 'PHASE':
      return reason.until === undefined
        ? `${reason.name}: ${price}.`
        : `${reason.name}, until ${toTimestamp(reason.until)}: ${price}.`;
    case 'DEMAND':
      return reason.changeBp > 0
        ? `Tickets go faster than time: ${percent(reason.changeBp)} more, ${price}.`
        : `Tickets go slower than time: ${percent(-reason.changeBp)} less, ${price}.`;
    case 'FLOOR':
      return `It is never less than ${price}.`;
    case 'CEILING':
      return `It is never more than ${price}.`;
  }
}

/** Basis points as people read them: `12.5 %`. */
export function percent(basisPoints: number): string {
  const hundredths = String(basisPoints % 100).padStart(2, '0');
  const decimals = hundredths.replace(/0+$/, '');
  return `${Math.floor(basisPoints / 100)}${decimals === '' ? '' : `.${decimals}`} %`;
}
