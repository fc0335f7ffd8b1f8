import * as z from 'zod/mini';

import { DAY, type Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import type { Item } from '../shared/table/keys.ts';
import { getItems } from '../shared/table/read.ts';
import {
  absent,
  equals,
  exists,
  type Check,
  type Otherwise,
  type Put,
  type Update,
  type Write,
} from '../shared/table/writes.ts';
import type { Person, PersonalData, Place } from '../users/recipients.ts';
import type { NamesByPlace } from './domain/attendees.ts';
import { attendeesKey, orderKey } from './keys.ts';

// Names of who is to come (ADR 59): a row beside their order, only where somebody gave names, each sealed in an attribute
// of its own under the data key of whoever ordered. It bears no change mark, so no copy of it is made.

/** Names of an order that is not paid are of use to nobody; payments that come late come within days. */
const UNPAID_MS = 30 * DAY;
/** Who was there is asked after an event as well: complaints, lost property, a refund that is disputed. */
const AFTER_EVENT_MS = 365 * DAY;

const row = z.looseObject({
  orderId: z.string(),
  /** Whose data key opens the names: that of whoever ordered. */
  userId: z.string(),
  /** Counts changes. */
  rev: z.int(),
  ttl: z.int(),
});

/** The names of an order as their row holds them, sealed. */
export type SealedNames = z.infer<typeof row> & Item;

/** A hash of what was asked for when the order was made: small enough to guess names by, so it is sealed with them. */
const ASKED = 'asked';
const PREFIX = 'name';

/** Where a name lies, or what was asked for. */
export function inAttendees(orderId: string, attribute: string): Place {
  return { key: attendeesKey(orderId), attribute };
}

/** The sealed names of `orderIds`, of those that have any. Strong: whoever changes a name looks at once whether it is there. */
export async function findAttendees(
  table: Table,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, SealedNames>> {
  const items = await getItems(table, [...new Set(orderIds)].map(attendeesKey), 'strong');
  return new Map(items.map((item) => [z.parse(row, item).orderId, { ...item, ...z.parse(row, item) }]));
}

/**
 * Opens names. Those of whoever has been erased are nobody's any more.
 *
 * @throws SecretUnavailableError when the key cannot be asked for now
 */
export async function openAttendees(
  personalData: PersonalData,
  rows: ReadonlyMap<string, SealedNames>,
): Promise<ReadonlyMap<string, NamesByPlace>> {
  if (rows.size === 0) return new Map();
  const persons = await personalData.persons([...new Set([...rows.values()].map(({ userId }) => userId))]);
  const opened = await Promise.all(
    [...rows].map(async ([orderId, sealed]): Promise<[string, NamesByPlace][]> => {
      const person = persons.get(sealed.userId);
      if (person === undefined || !person.hasKey) return [];
      const names = await Promise.all(
        Object.entries(sealed).flatMap(([attribute, text]) =>
          attribute.startsWith(PREFIX) && typeof text === 'string' ? [openName(person, orderId, attribute, text)] : [],
        ),
      );
      return [[orderId, new Map(names.toSorted(([left], [right]) => left - right))]];
    }),
  );
  return new Map(opened.flat());
}

async function openName(person: Person, orderId: string, attribute: string, text: string): Promise<[number, string]> {
  return [Number(attribute.slice(PREFIX.length)), await person.open(inAttendees(orderId, attribute), text)];
}

/** What the names of an order were asked for as, see {@link putAttendees}. @throws PersonErasedError */
export async function askedWith(person: Person, { orderId, [ASKED]: asked }: SealedNames): Promise<string | undefined> {
  return typeof asked === 'string' ? person.open(inAttendees(orderId, ASKED), asked) : undefined;
}

/**
 * Who names are sealed for: whoever orders. A person without a data key has been erased; a vendor gets its own with the first
 * names that it sends, by the write beside it.
 *
 * @param otherwise what it means that other names of the vendor were first
 */
export async function sealerFor<E>(
  personalData: PersonalData,
  { userId, vendor }: { readonly userId: string; readonly vendor: boolean },
  otherwise: Otherwise<E>,
): Promise<{ readonly person: Person; readonly keep: readonly Put<E>[] }> {
  const known = await personalData.person(userId);
  if (known.hasKey || !vendor) return { person: known, keep: [] };
  const { person, keep } = await personalData.newPerson(userId);
  return { person, keep: [{ ...keep, otherwise }] };
}

/**
 * Keeps the first names of an order; with the change of the order that they come with, in one transaction.
 *
 * @param asked hash of what the request said, to know its retry by
 * @param expiresAt when the hold lapses
 * @param otherwise what it means that it has names
 */
export async function putAttendees<E>(
  person: Person,
  orderId: string,
  { names, asked, expiresAt }: { readonly names: NamesByPlace; readonly asked: string; readonly expiresAt: Instant },
  otherwise: Otherwise<E>,
): Promise<Put<E>> {
  const sealed = await Promise.all(
    [...[...names].map(([place, name]): [string, string] => [`${PREFIX}${place}`, name]), [ASKED, asked]].map(
      async ([attribute = '', text = '']) => [attribute, await person.seal(inAttendees(orderId, attribute), text)],
    ),
  );
  const kept: Record<string, string> = Object.fromEntries(sealed);
  return {
    kind: 'put',
    key: attendeesKey(orderId),
    item: { orderId, userId: person.userId, rev: 1, ttl: secondsOf(expiresAt + UNPAID_MS), ...kept },
    when: absent('pk'),
    otherwise,
  };
}

/** That an order still waits for its payment, for names that come after it was made: its tickets look for them when issued. */
export function stillPending<E>(orderId: string, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: orderKey(orderId), when: equals('state', 'PENDING'), otherwise };
}

/** Keeps the names of an order that is paid until its tickets are long over. @param otherwise what it means that there are none */
export function keepAttendees<E>(orderId: string, validUntil: Instant, otherwise: Otherwise<E>): Update<E> {
  const ttl = secondsOf(validUntil + AFTER_EVENT_MS);
  return { kind: 'update', key: attendeesKey(orderId), set: { ttl }, when: exists('pk'), otherwise };
}

/**
 * Gives the ticket of one place another name, or none, from exactly the row that was read.
 *
 * @param found undefined where the order has no names yet
 * @param place with the end of its ticket
 */
export async function nameAttendee<E>(
  person: Person,
  found: SealedNames | undefined,
  { orderId, place, validUntil }: { readonly orderId: string; readonly place: number; readonly validUntil: Instant },
  name: string | null,
  otherwise: Otherwise<E>,
): Promise<Write<E>> {
  const attribute = `${PREFIX}${place}`;
  const named = name === null ? {} : { [attribute]: await person.seal(inAttendees(orderId, attribute), name) };
  const ttl = Math.max(secondsOf(validUntil + AFTER_EVENT_MS), found?.ttl ?? 0);
  const key = attendeesKey(orderId);
  if (found === undefined)
    return {
      kind: 'put',
      key,
      item: { orderId, userId: person.userId, rev: 1, ttl, ...named },
      when: absent('pk'),
      otherwise,
    };
  return {
    kind: 'update',
    key,
    set: { rev: found.rev + 1, ttl, ...named },
    ...(name === null ? { remove: [attribute] } : {}),
    when: equals('rev', found.rev),
    otherwise,
  };
}

/** Takes the name of one place away, whatever it was, without having to open it: its ticket has another holder. */
export function dropAttendee<E>(
  { orderId }: Pick<SealedNames, 'orderId'>,
  place: number,
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: attendeesKey(orderId),
    add: { rev: 1 },
    remove: [`${PREFIX}${place}`],
    when: exists('pk'),
    otherwise,
  };
}

function secondsOf(instant: Instant): number {
  return Math.ceil(instant / 1_000);
}

export { allAttendees } from './domain/attendees.ts';
