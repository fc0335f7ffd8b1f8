import * as z from 'zod/mini';

import type { Item } from '../../shared/table/keys.ts';

/** Devices that are told of one pass; of more, those that came last are. */
export const MOST_DEVICES = 10;

const registrationsRow = z.object({
  serial: z.string(),
  /** Whose data key the tokens are sealed under. */
  customerId: z.string(),
  eventId: z.string(),
  /** What a phone calls itself, as a keyed hash; and the token by which Apple reaches it, sealed. */
  devices: z.array(z.object({ device: z.string(), pushToken: z.string() })),
  rev: z.int(),
  ttl: z.int(),
});
/** The devices that have a pass. */
export type Registrations = z.infer<typeof registrationsRow>;
export type PassDevice = Registrations['devices'][number];

/** Reads an item as the registrations of a pass. @throws when it is none */
export function parseRegistrations(item: Item): Registrations {
  return z.parse(registrationsRow, item);
}

const listed = z.object({ sk: z.string(), customerId: z.string() });

/** A pass in the list of an event or of a device: its serial number and whose it is. */
export interface ListedPass {
  readonly serial: string;
  readonly customerId: string;
}

/** Reads an entry of such a list. @throws when it is none */
export function parseListedPass(item: Item): ListedPass {
  const { sk, customerId } = z.parse(listed, item);
  return { serial: sk, customerId };
}

/** `devices` with one more at its end, and the one too many that makes room for it. */
export function withDevice(
  devices: readonly PassDevice[],
  added: PassDevice,
): { readonly kept: readonly PassDevice[]; readonly dropped: readonly PassDevice[] } {
  const all = [...devices.filter(({ device }) => device !== added.device), added];
  const over = Math.max(0, all.length - MOST_DEVICES);
  return { kept: all.slice(over), dropped: all.slice(0, over) };
}

/** Ticket and version in a serial number; undefined where it is none of ours. */
export function readSerial(serial: string): { readonly ticketId: string; readonly ticketVersion: number } | undefined {
  const [, ticketId, version] = /^([0-7][0-9A-HJKMNP-TV-Z]{25})\.([1-9][0-9]{0,4})$/.exec(serial) ?? [];
  return ticketId === undefined ? undefined : { ticketId, ticketVersion: Number(version) };
}
