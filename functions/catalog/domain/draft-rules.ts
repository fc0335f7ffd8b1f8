import * as z from 'zod/mini';

import { decimalsOf } from '../../shared/kernel/money.ts';

/** What is wrong with a draft, and where. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A draft of which any field may still be wrong or missing: rules over two fields pass over such. */
type Unchecked = Readonly<Record<string, unknown>>;

/**
 * Faults that lie between fields of an event draft, all of them: order of times, one currency, names told
 * apart. Fields that are wrong by themselves are left to the schema.
 */
export function draftFaults(draft: Unchecked): readonly Fault[] {
  const types = Array.isArray(draft['ticketTypes']) ? draft['ticketTypes'].filter(isRecord) : [];
  return [
    ...eventFaults(draft),
    ...types.flatMap((type, index) => typeFaults(type, index, draft)),
    ...faultsAmong(types),
  ];
}

function eventFaults(draft: Unchecked): readonly Fault[] {
  const faults: Fault[] = [];
  const startsAt = instantOf(draft['startsAt']);
  const endsAt = instantOf(draft['endsAt']);
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt) {
    faults.push({ path: ['endsAt'], message: 'The event must end after it starts' });
  }
  if (draft['venue'] !== undefined && draft['location'] !== undefined) {
    faults.push({ path: ['location'], message: 'Give either location or venue' });
  }
  return faults;
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

function faultsAmong(types: readonly Unchecked[]): readonly Fault[] {
  const faults: Fault[] = [];
  const names = new Set<string>();
  let eventCurrency: string | undefined;
  for (const [index, { name, price }] of types.entries()) {
    if (typeof name === 'string') {
      const folded = name.trim().toLowerCase();
      if (names.has(folded))
        faults.push({ path: ['ticketTypes', index, 'name'], message: 'Another ticket type has this name' });
      names.add(folded);
    }
    const currency = isRecord(price) ? price['currency'] : undefined;
    if (typeof currency === 'string') {
      eventCurrency ??= currency;
      if (currency !== eventCurrency) {
        faults.push({
          path: ['ticketTypes', index, 'price', 'currency'],
          message: `All types of an event are priced in one currency, here ${eventCurrency.slice(0, 3)}`,
        });
      }
    }
  }
  return faults;
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
