import type { TypeOfEvent } from '../../catalog/owned.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import type { PricingBody, PricingView } from '../contract.ts';
import { quote, type Situation } from '../domain/quote.ts';
import type { PricingDetails } from '../domain/record.ts';
import { bodyOf, faultsOf, rulesOf } from '../domain/rule-faults.ts';
import { priceAt } from '../domain/tag.ts';
import { explain } from '../domain/words.ts';
import { findPricing } from '../reads.ts';
import { situationOf } from './situation.ts';

/** The pricing of a type that never had rules: it costs what its organizer says. */
export function unset({ event, type }: TypeOfEvent): PricingDetails {
  const { ticketTypeId, unitPrice, currency, priceVersion = 1 } = type;
  const { eventId, organizationId } = event;
  const ids = { ticketTypeId, eventId, organizationId, currency };
  return { ...ids, rules: {}, rulesVersion: 0, basePrice: unitPrice, unitPrice, priceVersion };
}

/** The pricing of a ticket type; of a draft, at the price that its organizer says now. */
export async function showPricing(table: Table, found: TypeOfEvent): Promise<PricingDetails> {
  return (await findPricing(table, found.type.ticketTypeId)) ?? unset(found);
}

/** A pricing as its organizers see it. */
export function viewPricing(pricing: PricingDetails, now: Instant): PricingView {
  const { ticketTypeId, currency, rules, nextPrice } = pricing;
  const { unitPrice, priceVersion, reasons } = priceAt(pricing, now);
  return {
    ticketTypeId,
    rules: bodyOf(rules),
    price: { amount: unitPrice, currency },
    explanation: [...explain(reasons, currency)],
    priceVersion,
    nextPrice:
      nextPrice === undefined || nextPrice.from <= now
        ? null
        : {
            price: { amount: nextPrice.unitPrice, currency },
            explanation: [...explain(nextPrice.reasons, currency)],
            from: toTimestamp(nextPrice.from),
          },
  };
}

/** What somebody wants to know of a price. */
export interface PriceQuestion {
  /** RFC 3339; now where it is left out. */
  readonly at?: string | undefined;
  /** Tickets held or sold; what it is now where it is left out. */
  readonly sold?: number | undefined;
  /** Rules that are not set yet; those of the type where they are left out. */
  readonly rules?: PricingBody | undefined;
}

/** A price that was asked for, with its reasons in words. */
export interface PricePreview {
  readonly at: string;
  readonly sold: number;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly explanation: string[];
}

/**
 * What a ticket would cost at a time with so many sold; changes nothing.
 *
 * @returns INVALID_INPUT with every fault of the rules that are asked about
 */
export async function previewPrice(
  table: Table,
  found: TypeOfEvent,
  { at, sold: asked, rules: body }: PriceQuestion,
  now: Instant,
): Promise<Result<PricePreview, Problem>> {
  const { type, event } = found;
  const { currency } = type;
  const errors = body === undefined ? [] : faultsOf(rulesOf(body), currency);
  if (errors.length > 0)
    return err(
      problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
        errors: errors.map(({ path, message }) => ({ path: `rules.${path}`, message })),
      }),
    );
  const rules = body === undefined ? (await showPricing(table, found)).rules : rulesOf(body);
  const then = at === undefined ? now : Date.parse(at);
  const present: Situation = (await situationOf(table, type.ticketTypeId, now))?.situation ?? {
    sold: 0,
    capacity: type.quantity,
    opensAt: type.saleStartsAt ?? event.publishedAt ?? now,
    closesAt: type.saleEndsAt ?? event.startsAt,
    now,
  };
  const sold = asked ?? present.sold;
  const { unitPrice, reasons } = quote({ basePrice: type.unitPrice, currency, rules }, { ...present, sold, now: then });
  const price = { amount: unitPrice, currency };
  return ok({ at: toTimestamp(then), sold, price, explanation: [...explain(reasons, currency)] });
}
