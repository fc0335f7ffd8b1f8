import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Ticket } from '../contract.ts';
import { isLive, timesOf } from './ticket.ts';

/** What of an event's row a pass shows; what its ticket types know is shown where there is no row. */
export interface PassEvent {
  readonly title: string;
  readonly startsAt: Instant;
  readonly endsAt?: Instant | undefined;
  readonly timeZone: string;
  readonly status: string;
  readonly venue?:
    | {
        readonly name: string;
        readonly city?: string | undefined;
        readonly address?: string | undefined;
        readonly latitude?: number | undefined;
        readonly longitude?: number | undefined;
      }
    | undefined;
}

/** What a wallet shows of a ticket: what a printed one does, and nothing of who paid (I18). */
export interface Pass {
  readonly ticketId: string;
  readonly ticketVersion: number;
  readonly eventId: string;
  /** `USED` and `VOID` ones admit nobody; a wallet greys them out. */
  readonly state: 'LIVE' | 'USED' | 'VOID';
  readonly number: string;
  readonly ticketTypeName: string;
  readonly seat: string | undefined;
  readonly accessLevel: string | undefined;
  readonly title: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant | undefined;
  /** IANA name; times are shown in it. */
  readonly timeZone: string;
  readonly venueName: string | undefined;
  readonly address: string | undefined;
  readonly city: string | undefined;
  /** WGS 84, degrees. */
  readonly position: { readonly latitude: number; readonly longitude: number } | undefined;
  /** It admits nobody after this. */
  readonly validUntil: Instant;
  /** The text of its QR code as it is printed; absent of one that is void. */
  readonly qr: string | undefined;
}

/**
 * The pass of `ticket` as it is now.
 *
 * @param version of the code that a pass was made for: of an older one than the ticket's, it is void (invariant I16)
 * @param signed the text of the ticket's QR code
 */
export function passOf(
  ticket: Ticket,
  version: number,
  type: TicketTypeCopy,
  event: PassEvent | undefined,
  signed: string,
): Pass {
  const isOff = event?.status === 'CANCELLED' || event?.status === 'CANCELLING';
  const isVoid = version !== ticket.ticketVersion || !isLive(ticket) || isOff;
  const venue = event?.venue;
  return {
    ticketId: ticket.ticketId,
    ticketVersion: version,
    eventId: ticket.eventId,
    state: isVoid ? 'VOID' : ticket.status === 'USED' ? 'USED' : 'LIVE',
    number: ticket.number,
    ticketTypeName: type.name,
    seat: ticket.seat?.label,
    accessLevel: ticket.accessLevel,
    title: event?.title ?? type.eventTitle,
    startsAt: event?.startsAt ?? type.eventStartsAt,
    endsAt: event === undefined ? type.eventEndsAt : event.endsAt,
    timeZone: event?.timeZone ?? type.timeZone,
    venueName: venue?.name ?? type.venueName,
    address: venue?.address,
    city: venue?.city ?? type.city,
    position: positionOf(venue),
    validUntil: timesOf(type).validUntil,
    qr: isVoid ? undefined : signed,
  };
}

function positionOf(venue: PassEvent['venue']): Pass['position'] {
  const { latitude, longitude } = venue ?? {};
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

/**
 * An instant as ISO 8601 in the local time of `timeZone` with its offset, in whole minutes: `2026-12-05T20:00+01:00`. Wallets show
 * the time as it is written, wherever the phone is (invariant I23).
 */
export function localTime(instant: Instant, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).formatToParts(instant);
  const part = (wanted: Intl.DateTimeFormatPartTypes): string => parts.find(({ type }) => type === wanted)?.value ?? '';
  const offset = part('timeZoneName').slice('GMT'.length, 'GMT+00:00'.length);
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}${offset === '' ? 'Z' : offset}`;
}

/** The serial number of a pass: each code of a ticket has one of its own, so that an old pass never learns a new code. */
export function serialOf({ ticketId, ticketVersion }: Pick<Pass, 'ticketId' | 'ticketVersion'>): string {
  return `${ticketId}.${ticketVersion}`;
}
