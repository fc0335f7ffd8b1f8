import { stepOf } from '../../shared/kernel/money.ts';
import type { PricingBody, PricingRules, RelativePricingBody } from '../contract.ts';
import { MINUTE, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';

/** What is wrong with rules, and where. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Everything between the members of `rules` that is wrong for a type priced in `currency`. */
export function faultsOf(rules: PricingRules, currency: string): readonly Fault[] {
  return [...tierFaults(rules), ...phaseFaults(rules), ...demandFaults(rules), ...stepFaults(rules, currency)];
}

/** Tiers rise, so that nobody who waits is rewarded and a returned ticket never makes others dearer. */
function tierFaults({ tiers = [] }: PricingRules): readonly Fault[] {
  return tiers.flatMap(({ afterSold, price }, index) => {
    const before = tiers[index - 1];
    if (before === undefined) return [];
    return [
      ...(afterSold <= before.afterSold
        ? [{ path: `tiers.${index}.afterSold`, message: 'Each tier begins after the one before it' }]
        : []),
      ...(price < before.price
        ? [{ path: `tiers.${index}.price`, message: 'No tier is cheaper than the one before it' }]
        : []),
    ];
  });
}

function phaseFaults({ phases = [] }: PricingRules): readonly Fault[] {
  return phases.flatMap((phase, index) => {
    const { startsAt = -Infinity, endsAt = Infinity, price, changeBp } = phase;
    const overlaps = phases
      .slice(0, index)
      .some((other) => startsAt < (other.endsAt ?? Infinity) && (other.startsAt ?? -Infinity) < endsAt);
    return [
      ...((price === undefined) === (changeBp === undefined)
        ? [{ path: `phases.${index}.price`, message: 'Give either price or changeBp' }]
        : []),
      ...(endsAt <= startsAt
        ? [{ path: `phases.${index}.endsAt`, message: 'The phase must end after it starts' }]
        : []),
      ...(overlaps ? [{ path: `phases.${index}.startsAt`, message: 'The phase overlaps one before it' }] : []),
    ];
  });
}

function demandFaults({ demand }: PricingRules): readonly Fault[] {
  return demand !== undefined && demand.ceiling < demand.floor
    ? [{ path: 'demand.ceiling', message: 'The ceiling must not lie below the floor' }]
    : [];
}

/** Every amount that a ticket may come to cost can be charged. */
function stepFaults({ tiers = [], phases = [], demand, roundTo }: PricingRules, currency: string): readonly Fault[] {
  const step = stepOf(currency);
  const amounts: readonly (readonly [string, number | undefined])[] = [
    ...tiers.map(({ price }, index) => [`tiers.${index}.price`, price] as const),
    ...phases.map(({ price }, index) => [`phases.${index}.price`, price] as const),
    ['demand.floor', demand?.floor],
    ['demand.ceiling', demand?.ceiling],
    ['roundTo', roundTo],
  ];
  return amounts.flatMap(([path, amount]) =>
    amount === undefined || amount % step === 0 ? [] : [{ path, message: `Amounts in ${currency} must end in 0` }],
  );
}

/** Rules as an organizer wrote them, with their instants as rows keep them. */
export function rulesOf({ phases, ...rules }: PricingBody): PricingRules {
  if (phases === undefined) return rules;
  return {
    ...rules,
    phases: phases.map(({ startsAt, endsAt, ...phase }) => ({
      ...phase,
      ...(startsAt === undefined ? {} : { startsAt: Date.parse(startsAt) }),
      ...(endsAt === undefined ? {} : { endsAt: Date.parse(endsAt) }),
    })),
  };
}

/** Rules as an organizer reads them; see {@link rulesOf}. */
export function bodyOf({ phases, ...rules }: PricingRules): PricingBody {
  if (phases === undefined) return rules;
  return {
    ...rules,
    phases: phases.map(({ startsAt, endsAt, ...phase }) => ({
      ...phase,
      ...(startsAt === undefined ? {} : { startsAt: toTimestamp(startsAt) }),
      ...(endsAt === undefined ? {} : { endsAt: toTimestamp(endsAt) }),
    })),
  };
}

/** Rules whose phases begin and end so many milliseconds later. */
export function movedRules({ phases, ...rules }: PricingRules, laterMs: number): PricingRules {
  if (phases === undefined) return rules;
  return {
    ...rules,
    phases: phases.map(({ startsAt, endsAt, ...phase }) => ({
      ...phase,
      ...(startsAt === undefined ? {} : { startsAt: startsAt + laterMs }),
      ...(endsAt === undefined ? {} : { endsAt: endsAt + laterMs }),
    })),
  };
}

/** Rules for an event that starts at `eventStartsAt`, whose phases are told as times before its start. */
export function rulesBefore({ phases, ...rules }: RelativePricingBody, eventStartsAt: Instant): PricingRules {
  if (phases === undefined) return rules;
  return {
    ...rules,
    phases: phases.map(({ startsMinutesBefore, endsMinutesBefore, ...phase }) => ({
      ...phase,
      ...(startsMinutesBefore === undefined ? {} : { startsAt: eventStartsAt - startsMinutesBefore * MINUTE }),
      ...(endsMinutesBefore === undefined ? {} : { endsAt: eventStartsAt - endsMinutesBefore * MINUTE }),
    })),
  };
}

/** Whether rules ever make another price than the organizer's. */
export function isDynamic({ tiers = [], phases = [], demand }: PricingRules): boolean {
  return tiers.length > 0 || phases.length > 0 || demand !== undefined;
}
