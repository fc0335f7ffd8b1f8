import * as z from 'zod/mini';

import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { decimalsOf } from '../../shared/kernel/money.ts';
import { foldedName } from '../../shared/kernel/text.ts';
import { isDay, LATEST, LOCAL_TIME_PATTERN, resolveLocalTime, TOO_LATE } from './local-time.ts';
import type { BodyFault } from '../../shared/runtime/route.ts';
import { isTimeZone } from '../../shared/kernel/time-zone.ts';

/** What is wrong with a draft, and where. */
export type Fault = BodyFault;

/** A draft of which any field may still be wrong or missing: rules over two fields pass over such. */
export type Unchecked = Readonly<Record<string, unknown>>;

/**
 * Faults that lie between fields of an event draft, all of them: order of times, one currency, names told
 * apart. Fields that are wrong by themselves are left to the schema.
 */
export function draftFaults(draft: Unchecked): readonly Fault[] {
  const { found, faults } = timesOf(draft);
  const times = { ...draft, ...found };
  return [
    ...(draft['startsAt'] === undefined && draft['startsAtLocal'] === undefined
      ? [{ path: ['startsAt'], message: 'Give startsAt, or startsAtLocal' }]
      : []),
    ...faults,
    ...orderFaults(times),
    ...placeFaults(draft),
    ...policyFaults(draft),
    ...gateFaults(draft),
    ...ticketTypesFaults(times),
  ];
}

/**
 * What of a new event is past at `now`: its start, and the ends of sales. Fields that are wrong by themselves are
 * left to the schema.
 */
export function pastFaults(draft: Unchecked, now: Instant): readonly Fault[] {
  const startsAt = instantOf(timesOf(draft).found.startsAt);
  const isPast = (instant: Instant | undefined): boolean => instant !== undefined && instant <= now;
  return [
    ...(isPast(startsAt) ? [{ path: ['startsAt'], message: 'The event must start in the future' }] : []),
    ...recordsOf(draft['ticketTypes']).flatMap(({ saleEndsAt }, index) =>
      isPast(instantOf(saleEndsAt))
        ? [{ path: ['ticketTypes', index, 'saleEndsAt'], message: 'The sale must end in the future' }]
        : [],
    ),
  ];
}

/** Faults of the ticket types of a draft whose times are instants. */
export function ticketTypesFaults(draft: Unchecked): readonly Fault[] {
  const types = recordsOf(draft['ticketTypes']);
  return [
    ...types.flatMap((type, index) => typeFaults(type, index, draft)),
    ...currencyFaults(types),
    ...nameFaults(types, draft),
    ...poolFaults(types, draft),
  ];
}

/**
 * The instants that a draft names, be it as such or as what clocks at its place show (invariant I23); and
 * what is wrong with local times: given twice, skipped by DST, or ambiguous without saying which is meant.
 */
export function timesOf(draft: Unchecked): {
  readonly found: { readonly startsAt?: string; readonly endsAt?: string };
  readonly faults: readonly Fault[];
} {
  const found: { startsAt?: string; endsAt?: string } = {};
  const faults: Fault[] = [];
  for (const name of ['startsAt', 'endsAt'] as const) {
    const given = draft[name];
    const local = draft[`${name}Local`];
    if (given !== undefined && local !== undefined)
      faults.push({ path: [`${name}Local`], message: `Give either ${name} or ${name}Local` });
    if (local === undefined) {
      if (typeof given === 'string') found[name] = given;
      if (draft[`${name}Occurrence`] !== undefined)
        faults.push({ path: [`${name}Occurrence`], message: `This goes with ${name}Local only` });
      continue;
    }
    const resolved = fromLocal(local, draft['timeZone'], draft[`${name}Occurrence`]);
    if (typeof resolved === 'number') found[name] = toTimestamp(resolved);
    else if (resolved !== undefined) faults.push({ path: [`${name}Local`], message: resolved });
  }
  return { found, faults };
}

/** The instant, what is wrong, or undefined where that is another rule's to say. */
function fromLocal(local: unknown, zone: unknown, occurrence: unknown): number | string | undefined {
  if (typeof local !== 'string' || !LOCAL_TIME_PATTERN.test(local)) return undefined;
  if (typeof zone !== 'string' || !isTimeZone(zone)) return undefined;
  if (!isDay(local)) return 'There is no such day';
  if (Date.parse(`${local}Z`) > LATEST) return TOO_LATE;
  const time = resolveLocalTime(local, zone);
  switch (time.kind) {
    case 'exact':
      return time.instant;
    case 'skipped':
      return `Clocks in ${zone} skip this time when they are put forward; choose another`;
    case 'ambiguous':
      if (occurrence === 'earlier') return time.earlier;
      if (occurrence === 'later') return time.later;
      return `Clocks in ${zone} show this time twice when they are put back; say "earlier" or "later" beside it`;
  }
}

function orderFaults(draft: Unchecked): readonly Fault[] {
  const startsAt = instantOf(draft['startsAt']);
  const endsAt = instantOf(draft['endsAt']);
  return startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt
    ? [{ path: ['endsAt'], message: 'The event must end after it starts' }]
    : [];
}

function placeFaults(draft: Unchecked): readonly Fault[] {
  const faults: Fault[] = [];
  if (draft['venue'] !== undefined && draft['location'] !== undefined) {
    faults.push({ path: ['location'], message: 'Give either location or venue' });
  }
  for (const name of ['venue', 'location']) {
    const place = draft[name];
    if (isRecord(place) && (place['latitude'] === undefined) !== (place['longitude'] === undefined))
      faults.push({ path: [name, 'latitude'], message: 'Give both latitude and longitude, or neither' });
  }
  return faults;
}

function policyFaults({ cancellationPolicy }: Unchecked): readonly Fault[] {
  return isRecord(cancellationPolicy) &&
    cancellationPolicy['feeAmount'] !== undefined &&
    cancellationPolicy['feePercent'] !== undefined
    ? [{ path: ['cancellationPolicy', 'feePercent'], message: 'Give either feeAmount or feePercent' }]
    : [];
}

/** Two gates of one name: which of them a scan means could not be told. */
function gateFaults(draft: Unchecked): readonly Fault[] {
  const names = new Set<string>();
  return recordsOf(draft['gates']).flatMap(({ name }, index) => {
    if (typeof name !== 'string') return [];
    const folded = foldedName(name);
    if (names.has(folded)) return [{ path: ['gates', index, 'name'], message: 'Another gate has this name' }];
    names.add(folded);
    return [];
  });
}

function typeFaults(type: Unchecked, index: number, draft: Unchecked): readonly Fault[] {
  const faults: Fault[] = [];
  const at = (field: string, message: string): void =>
    void faults.push({ path: ['ticketTypes', index, field], message });
  const saleStartsAt = instantOf(type['saleStartsAt']);
  const saleEndsAt = instantOf(type['saleEndsAt']);
  const startsAt = instantOf(draft['startsAt']);
  const latest = instantOf(draft['endsAt']) ?? startsAt;
  if (saleStartsAt !== undefined && saleEndsAt !== undefined && saleEndsAt <= saleStartsAt) {
    at('saleEndsAt', 'The sale must end after it starts');
  }
  if (saleEndsAt !== undefined && latest !== undefined && saleEndsAt > latest) {
    at('saleEndsAt', 'The sale must end by the end of the event, or by its start where no end is given');
  }
  // Without an end of its own a sale goes on until the event starts.
  if (saleStartsAt !== undefined && saleEndsAt === undefined && startsAt !== undefined && saleStartsAt >= startsAt) {
    at('saleStartsAt', 'The sale must start before the event does');
  }
  const { amount, currency } = isRecord(type['price']) ? type['price'] : {};
  // Card networks settle fils and millimes in tens only (docs.stripe.com/currencies, three-decimal currencies).
  if (typeof amount === 'number' && typeof currency === 'string' && decimalsOf(currency) === 3 && amount % 10 !== 0) {
    faults.push({ path: ['ticketTypes', index, 'price', 'amount'], message: `Amounts in ${currency} must end in 0` });
  }
  return faults;
}

function currencyFaults(types: readonly Unchecked[]): readonly Fault[] {
  const faults: Fault[] = [];
  let eventCurrency: string | undefined;
  for (const [index, { price }] of types.entries()) {
    const currency = isRecord(price) ? price['currency'] : undefined;
    if (typeof currency !== 'string') continue;
    eventCurrency ??= currency;
    if (currency !== eventCurrency) {
      faults.push({
        path: ['ticketTypes', index, 'price', 'currency'],
        message: `All types of an event are priced in one currency, here ${eventCurrency.slice(0, 3)}`,
      });
    }
  }
  return faults;
}

/**
 * Types of one name are phases of one offer, such as early bird and regular: their sale windows must not
 * overlap, or a buyer would see the same thing at two prices.
 */
function nameFaults(types: readonly Unchecked[], draft: Unchecked): readonly Fault[] {
  const faults: Fault[] = [];
  const phases = new Map<string, { from: number; until: number }[]>();
  for (const [index, type] of types.entries()) {
    if (typeof type['name'] !== 'string') continue;
    const folded = foldedName(type['name']);
    const window = {
      from: instantOf(type['saleStartsAt']) ?? -Infinity,
      until: instantOf(type['saleEndsAt']) ?? instantOf(draft['startsAt']) ?? Infinity,
    };
    const others = phases.get(folded) ?? [];
    if (others.some(({ from, until }) => window.from < until && from < window.until)) {
      faults.push(
        window.from === -Infinity
          ? { path: ['ticketTypes', index, 'name'], message: 'Another ticket type of this name is on sale meanwhile' }
          : {
              path: ['ticketTypes', index, 'saleStartsAt'],
              message: 'The sale overlaps that of another ticket type of this name',
            },
      );
    }
    phases.set(folded, [...others, window]);
  }
  return faults;
}

function poolFaults(types: readonly Unchecked[], draft: Unchecked): readonly Fault[] {
  const faults: Fault[] = [];
  const pools = new Map<unknown, unknown>();
  for (const [index, { name, quantity }] of recordsOf(draft['pools']).entries()) {
    if (pools.has(name)) faults.push({ path: ['pools', index, 'name'], message: 'Another pool has this name' });
    pools.set(name, quantity);
  }
  for (const [index, { pool, quantity }] of types.entries()) {
    if (typeof pool !== 'string') continue;
    const capacity = pools.get(pool);
    if (!pools.has(pool))
      faults.push({ path: ['ticketTypes', index, 'pool'], message: 'No pool of the event has this name' });
    else if (typeof capacity === 'number' && typeof quantity === 'number' && quantity > capacity)
      faults.push({ path: ['ticketTypes', index, 'quantity'], message: `The pool has ${capacity} places only` });
  }
  return faults;
}

/** A body that may be anything, as a draft of which anything may be wrong. */
export function unchecked(body: unknown): Unchecked {
  return isRecord(body) ? body : {};
}

function recordsOf(value: unknown): readonly Unchecked[] {
  return Array.isArray(value) ? value.map(unchecked) : [];
}

function isRecord(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const timestamp = z.iso.datetime({ offset: true });

/** The instant that a field names, if it names one: `Date.parse` alone would take 30 February. */
function instantOf(value: unknown): number | undefined {
  const parsed = z.safeParse(timestamp, value);
  return parsed.success ? Date.parse(parsed.data) : undefined;
}
