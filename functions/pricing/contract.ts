import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { lineOfText } from '../shared/kernel/text.ts';
import { LARGEST_AMOUNT } from '../shared/kernel/money.ts';
import { sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { charge } from './views.ts';

/** Tiers, and phases, that one ticket type may have. */
export const MOST_TIERS = 20;
export const MOST_PHASES = 20;
/** Tickets in a tier, as many as a ticket type may have. */
const MOST_SOLD = 1_000_000;

const id = z.string().check(z.regex(ULID_PATTERN));
const money = z.object({ amount: z.int(), currency: z.string() });
const instant = z.iso.datetime({ offset: true });
const amount = z.int().check(z.minimum(0), z.maximum(LARGEST_AMOUNT));
const label = lineOfText(60);

const tier = z.strictObject({
  /** Tickets that must be held or sold for it to begin. */
  afterSold: z.int().check(z.minimum(1), z.maximum(MOST_SOLD)),
  /** Minor units. */
  price: amount,
});

const phaseMembers = {
  name: label,
  /** Minor units, in place of any other price; or `changeBp`. */
  price: z.optional(amount),
  /** Basis points that the price is changed by: -2000 makes it a fifth less. */
  changeBp: z.optional(z.int().check(z.minimum(-10_000), z.maximum(20_000))),
};

const demand = z.strictObject({
  /** Minor units; whatever the rules say, a ticket costs neither less nor more. */
  floor: amount,
  ceiling: amount,
  /** Basis points of price for each basis point that sales are ahead of time; 10,000 is one for one. */
  strengthBp: z.optional(z.int().check(z.minimum(1), z.maximum(50_000))),
  /** Basis points of one step: prices move by whole steps. */
  stepBp: z.optional(z.int().check(z.minimum(1), z.maximum(5_000))),
});
export type DemandRule = z.infer<typeof demand>;

const otherRules = {
  /** In ascending order; before the first of them the organizer's price counts. */
  tiers: z.optional(z.array(tier).check(z.maxLength(MOST_TIERS))),
  demand: z.optional(demand),
  /** Minor units: what `changeBp` and demand make of a price is rounded to a multiple of this, halves to the even one. */
  roundTo: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
};

/** Price rules as a row keeps them: instants in milliseconds since the epoch. */
export const pricingRules = z.object({
  ...otherRules,
  phases: z.optional(
    z.array(z.object({ ...phaseMembers, startsAt: z.optional(z.int()), endsAt: z.optional(z.int()) })),
  ),
});
export type PricingRules = z.infer<typeof pricingRules>;

/** Price rules as an organizer writes them; none of them means the price of the ticket type. */
export const pricingBody = z.strictObject({
  ...otherRules,
  phases: z.optional(
    z
      .array(z.strictObject({ ...phaseMembers, startsAt: z.optional(instant), endsAt: z.optional(instant) }))
      .check(z.maxLength(MOST_PHASES)),
  ),
});
export type PricingBody = z.infer<typeof pricingBody>;

/** Minutes before the start of an event: two years at most. */
const minutesBefore = z.int().check(z.minimum(0), z.maximum(1_051_200));

/** Price rules for events at different times: phases are told as minutes before the start of each. */
export const relativePricingBody = z.strictObject({
  ...otherRules,
  phases: z.optional(
    z
      .array(
        z.strictObject({
          ...phaseMembers,
          startsMinutesBefore: z.optional(minutesBefore),
          endsMinutesBefore: z.optional(minutesBefore),
        }),
      )
      .check(z.maxLength(MOST_PHASES)),
  ),
});
export type RelativePricingBody = z.infer<typeof relativePricingBody>;

/** A price with its reasons in words. */
const explained = { price: money, explanation: z.array(z.string()) };

export const pricingView = z.object({
  ticketTypeId: id,
  rules: pricingBody,
  ...explained,
  priceVersion: z.int(),
  /** What it costs from an instant on, as far as time alone decides. */
  nextPrice: z.nullable(z.object({ ...explained, from: z.iso.datetime() })),
});
export type PricingView = z.infer<typeof pricingView>;

/** Fees and taxes that one table may have. */
export const MOST_CHARGES = 8;

/** A fee or a tax as an organizer writes it; see `charge` for the members. */
const chargeBody = z.strictObject({
  name: label,
  kind: z.enum(['FEE', 'TAX']),
  per: z.optional(z.enum(['TICKET', 'ORDER'])),
  rateBp: z.optional(z.int().check(z.minimum(1), z.maximum(10_000))),
  amount: z.optional(amount),
  included: z.optional(z.boolean()),
  refundable: z.optional(z.boolean()),
});

export const chargesBody = z.strictObject({
  /** Of the fixed amounts; an organisation's table needs it where it has some, an event has its own. */
  currency: z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))),
  charges: z.array(chargeBody).check(z.maxLength(MOST_CHARGES)),
});
export type ChargesBody = z.infer<typeof chargesBody>;

export const chargesView = z.object({
  /** Whose table it is: an event without one of its own has its organisation's when it is published. */
  source: z.enum(['EVENT', 'ORGANIZATION', 'NONE']),
  currency: z.nullable(z.string()),
  charges: z.array(charge),
});
export type ChargesView = z.infer<typeof chargesView>;

const ofType = { ticketTypeId: z.string(), eventId: z.string(), organizationId: z.string() };

/** A ticket type has other rules; what it costs has not changed by that. */
export const pricingRulesSet = defineEvent(
  'pricing.PricingRulesSet.v1',
  'an organizer gives a ticket type price rules that do not change its present price',
  z.object(ofType),
);
/** A ticket type costs something else for whoever holds tickets from now on. */
export const ticketTypePriceChanged = defineEvent(
  'pricing.TicketTypePriceChanged.v1',
  'the present price of a ticket type with price rules changes, by rule or by hand; what is held keeps its price',
  z.object({ ...ofType, unitPrice: z.int(), currency: z.string(), priceVersion: z.int() }),
);
/** What a price is made of has changed, or what comes after it, but not the price. */
export const priceRestated = defineEvent(
  'pricing.PriceRestated.v1',
  'the reasons of a price change, or the price that is announced, but not what a ticket costs now',
  z.object(ofType),
);
/** The rules of a ticket type make its price from now on. */
export const pricingStarted = defineEvent(
  'pricing.PricingStarted.v1',
  'a ticket type with price rules goes on sale',
  z.object({ ...ofType, unitPrice: z.int(), currency: z.string(), priceVersion: z.int() }),
);
/** The price of a ticket type stays as it is. */
export const pricingEnded = defineEvent(
  'pricing.PricingEnded.v1',
  'the sale of a ticket type with price rules is over, stopped or taken back',
  z.object(ofType),
);

/** An event or an organisation has another table of fees and taxes. */
export const chargesSet = defineEvent(
  'pricing.ChargesSet.v1',
  'an organizer gives an event or an organisation a table of fees and taxes; what is held keeps its own',
  z.object({ ownerId: z.string(), organizationId: z.string() }),
);

export const pricingEvents = [
  chargesSet,
  pricingRulesSet,
  ticketTypePriceChanged,
  priceRestated,
  pricingStarted,
  pricingEnded,
] as const;

const ofTheirTypes = { who: ['organizer'], owns: 'ticketType' } as const;
const typeParams = z.strictObject({ ticketTypeId: id });

export const getPricing = route({
  id: 'getPricing',
  method: 'GET',
  path: '/api/ticket-types/{ticketTypeId}/pricing',
  summary: 'The price rules of a ticket type and what they make of its price',
  access: ofTheirTypes,
  params: typeParams,
  responses: { 200: pricingView },
  problems: [],
});

export const setPricing = route({
  id: 'setPricing',
  method: 'PUT',
  path: '/api/ticket-types/{ticketTypeId}/pricing',
  summary: 'Replace the price rules of a ticket type: tiers, phases, demand; what is held keeps its price',
  access: ofTheirTypes,
  params: typeParams,
  body: pricingBody,
  responses: { 200: pricingView },
  problems: ['EVENT_NOT_EDITABLE', 'PRECONDITION_FAILED'],
});

export const previewPrice = route({
  id: 'previewPrice',
  method: 'POST',
  path: '/api/ticket-types/{ticketTypeId}/pricing/preview',
  summary: 'What a ticket would cost at a time with so many sold, by its rules or by others',
  access: ofTheirTypes,
  params: typeParams,
  body: z.strictObject({
    at: z.optional(instant),
    sold: z.optional(z.int().check(z.minimum(0), z.maximum(MOST_SOLD))),
    rules: z.optional(pricingBody),
  }),
  responses: { 200: z.object({ at: z.iso.datetime(), sold: z.int(), ...explained }) },
  problems: [],
});

const ofTheirEvents = { who: ['organizer'], owns: 'event' } as const;
const eventParams = z.strictObject({ eventId: id });
const ofTheirs = { who: ['organizer'], owns: 'organization' } as const;
const organizationParams = z.strictObject({ organizationId: id });

export const getEventCharges = route({
  id: 'getEventCharges',
  method: 'GET',
  path: '/api/events/{eventId}/charges',
  summary: 'The fees and taxes of an event',
  access: ofTheirEvents,
  params: eventParams,
  responses: { 200: chargesView },
  problems: [],
});

export const setEventCharges = route({
  id: 'setEventCharges',
  method: 'PUT',
  path: '/api/events/{eventId}/charges',
  summary: 'Replace the fees and taxes of an event; what is held keeps its own',
  access: ofTheirEvents,
  params: eventParams,
  body: chargesBody,
  responses: { 200: chargesView },
  problems: ['EVENT_NOT_EDITABLE', 'PRECONDITION_FAILED'],
});

export const getOrganizationCharges = route({
  id: 'getOrganizationCharges',
  method: 'GET',
  path: '/api/organizations/{organizationId}/charges',
  summary: 'The fees and taxes that events of an organisation have when they are published without their own',
  access: ofTheirs,
  params: organizationParams,
  responses: { 200: chargesView },
  problems: [],
});

export const setOrganizationCharges = route({
  id: 'setOrganizationCharges',
  method: 'PUT',
  path: '/api/organizations/{organizationId}/charges',
  summary: 'Replace the fees and taxes of an organisation; events that are published keep theirs',
  access: ofTheirs,
  params: organizationParams,
  body: chargesBody,
  responses: { 200: chargesView },
  problems: ['PRECONDITION_FAILED'],
});

export const pricingRoutes = [
  getPricing,
  setPricing,
  previewPrice,
  getEventCharges,
  setEventCharges,
  getOrganizationCharges,
  setOrganizationCharges,
] as const;

export const pricingEnv = sessionEnv;
export const repriceEnv = tableEnv;
