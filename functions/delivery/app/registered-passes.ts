import { findEvents } from '../../catalog/reads.ts';
import { DAY, SECOND, type Instant } from '../../shared/kernel/clock.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Person, Place } from '../../users/recipients.ts';
import type { Ticket } from '../contract.ts';
import { readSerial, withDevice, type PassDevice, type Registrations } from '../domain/registration.ts';
import { registrationsKey } from '../keys.ts';
import { findRegistrations, findTicket, findTicketsById, passesOfDevice } from '../reads.ts';
import { deviceHash, isPassToken } from '../wallet-tokens.ts';
import { keepRegistrations } from '../writes.ts';
import type { WalletDeps } from './pass-of-ticket.ts';

/** After its ticket has ended, a pass may have been moved; a year later nobody is told of it any more. */
const KEPT_AFTER_END_MS = 365 * DAY;
const ROUNDS = 6;
/** What was written a moment ago may bear an earlier time than what was read already: it is told twice rather than never. */
const CLOCKS_DIFFER_MS = 10 * SECOND;
/** Passes of one phone that are looked at. */
const MOST_PASSES = 200;

/** A pass that a phone has shown the token of. */
export interface HeldPass {
  readonly ticket: Ticket;
  readonly ticketVersion: number;
  readonly serial: string;
}

/** The pass of `serial`, if the phone that asks has it: its token is the only proof that there is. */
export async function heldPass(
  deps: WalletDeps,
  {
    serial,
    passType,
    authorization,
  }: Readonly<Record<'serial' | 'passType', string>> & { authorization: string | undefined },
): Promise<HeldPass | undefined> {
  const named = readSerial(serial);
  const [account, key] = await Promise.all([deps.apple(), deps.linkKey()]);
  if (named === undefined || account?.passTypeIdentifier !== passType) return undefined;
  if (!isPassToken(key, named, authorization)) return undefined;
  const ticket = await findTicket(deps.table, named.ticketId, 'strong');
  return ticket === undefined ? undefined : { ticket, ticketVersion: named.ticketVersion, serial };
}

/** Where the token of a phone lies sealed. */
export function inRegistrations(customerId: string, serial: string): Place {
  return { key: registrationsKey(customerId, serial), attribute: 'pushToken' };
}

/**
 * Tells a phone of changes of a pass from now on, by `pushToken`. Twice is once.
 *
 * @returns whether the phone was registered before; undefined once the holder is erased
 */
export async function register(
  deps: WalletDeps,
  { ticket, serial }: HeldPass,
  name: string,
  pushToken: string,
): Promise<'NEW' | 'KNOWN' | undefined> {
  const device = deviceHash(await deps.linkKey(), name);
  const person = await deps.personalData.person(ticket.customerId);
  if (!person.hasKey) return undefined;
  const place = inRegistrations(ticket.customerId, serial);
  const sealed = await person.seal(place, pushToken);
  let known = false;
  await change(deps.table, ticket, serial, async ({ devices }) => {
    const before = devices.find((one) => one.device === device);
    known = before !== undefined;
    if (before !== undefined && (await opened(person, place, before)) === pushToken) return undefined;
    const { kept, dropped } = withDevice(devices, { device, pushToken: sealed });
    return { devices: kept, gone: dropped };
  });
  return known ? 'KNOWN' : 'NEW';
}

function opened(person: Person, place: Place, { pushToken }: PassDevice): Promise<string> {
  return person.open(place, pushToken);
}

/** Tells a phone of nothing any more. Twice is once. */
export async function unregister(deps: WalletDeps, { ticket, serial }: HeldPass, name: string): Promise<void> {
  await dropDevice(deps.table, ticket, serial, deviceHash(await deps.linkKey(), name));
}

/** Takes one device off a pass. */
export function dropDevice(table: Table, of: PassOwner, serial: string, device: string): Promise<void> {
  return change(table, of, serial, ({ devices }) => {
    const gone = devices.filter((one) => one.device === device);
    const kept = devices.filter((one) => one.device !== device);
    return Promise.resolve(gone.length === 0 ? undefined : { devices: kept, gone });
  });
}

/** Of what event a pass is, and whose; until when its ticket is good, where it may be registered first. */
type PassOwner = Pick<Ticket, 'customerId' | 'eventId'> & { readonly validUntil?: Instant };

interface Changed {
  readonly devices: readonly PassDevice[];
  readonly gone: readonly PassDevice[];
}

async function change(
  table: Table,
  { customerId, eventId, validUntil = 0 }: PassOwner,
  serial: string,
  decide: (found: Registrations) => Promise<Changed | undefined>,
): Promise<void> {
  const none = { serial, customerId, eventId, devices: [], rev: 0 };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const ttl = Math.ceil((validUntil + KEPT_AFTER_END_MS) / 1_000);
    const found = (await findRegistrations(table, customerId, serial)) ?? { ...none, ttl };
    const changed = await decide(found);
    if (changed === undefined) return;
    const writes = keepRegistrations(found, changed.devices, changed.gone, () => 'MOVED_ON' as const);
    if ((await commit(table, writes)).ok) return;
    await pause(round);
  }
  throw new StoreBusyError('The devices of a pass kept changing');
}

/** Serial numbers of passes that have changed, and the moment that the next question is to name. */
export interface ChangedPasses {
  readonly serialNumbers: readonly string[];
  readonly lastUpdated: string;
}

/**
 * Which passes of a phone have changed since a moment that an earlier answer named: of their tickets or their events. It
 * proves itself by its own name, which only Apple, the phone and we know.
 *
 * @returns undefined where there are none
 */
export async function changedPasses(
  deps: WalletDeps,
  {
    device,
    passType,
    since,
    now,
  }: { readonly device: string; readonly passType: string; readonly since: Instant | undefined; readonly now: Instant },
): Promise<ChangedPasses | undefined> {
  const [account, key] = await Promise.all([deps.apple(), deps.linkKey()]);
  if (account?.passTypeIdentifier !== passType) return undefined;
  const listed = await passesOfDevice(deps.table, deviceHash(key, device), MOST_PASSES);
  const ids = listed.flatMap(({ serial }) => readSerial(serial)?.ticketId ?? []);
  const tickets = new Map((await findTicketsById(deps.table, [...new Set(ids)])).map((one) => [one.ticketId, one]));
  const events = await findEvents(deps.table, [...new Set([...tickets.values()].map(({ eventId }) => eventId))]);
  const changes = listed.flatMap(({ serial }) => {
    const ticket = tickets.get(readSerial(serial)?.ticketId ?? '');
    if (ticket === undefined) return [];
    const at = Math.max(ticket.at, events.get(ticket.eventId)?.at ?? 0);
    return since !== undefined && at <= since ? [] : [{ serial, at }];
  });
  if (changes.length === 0) return undefined;
  const lastUpdated = String(Math.min(Math.max(...changes.map(({ at }) => at)), now - CLOCKS_DIFFER_MS));
  return { serialNumbers: changes.map(({ serial }) => serial), lastUpdated };
}
