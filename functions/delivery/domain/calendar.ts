import { ICalCalendarMethod, ICalEventStatus, default as ical } from 'ical-generator';

import { HOUR, type Instant } from '../../shared/kernel/clock.ts';

/** What somebody has tickets for, as a calendar keeps it. */
export interface CalendarEntry {
  /** What it is known by, whoever sends it again: the ticket, or the order and the event. */
  readonly uid: string;
  /** Grows with each change of the event or of a ticket, so that a calendar takes the newer one (RFC 5545, 3.8.7.4). */
  readonly sequence: number;
  readonly title: string;
  readonly startsAt: Instant;
  readonly endsAt?: Instant | undefined;
  readonly place: string;
  readonly geo?: { readonly lat: number; readonly lon: number } | undefined;
  readonly changedAt: Instant;
  /** One line for each ticket. */
  readonly lines: readonly string[];
  readonly url: string;
  /** The event is cancelled, or no ticket is left. */
  readonly cancelled: boolean;
}

/** Where an event without an end is taken to be over. */
const USUAL_LENGTH_MS = 12 * HOUR;

/**
 * Entries as an iTIP message (RFC 5546): PUBLISH, or CANCEL once all of them are off, from the address that our mails come
 * from. Times are UTC instants, which no time-zone table of the reader can get wrong. The library folds lines and escapes
 * texts (I25); controls go before that, since no calendar has a use for them.
 *
 * @param sender as mails name it, with or without a name before the address
 * @param brand how the operator is called
 */
export function ticketCalendarOf(entries: readonly CalendarEntry[], sender: string, brand: string): string {
  const off = entries.length > 0 && entries.every(({ cancelled }) => cancelled);
  const calendar = ical({
    prodId: { company: 'Onsale', product: 'Tickets', language: 'EN' },
    method: off ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH,
  });
  for (const entry of entries) {
    calendar.createEvent({
      id: `${entry.uid}@onsale`,
      sequence: entry.sequence,
      start: new Date(entry.startsAt),
      end: new Date(entry.endsAt ?? entry.startsAt + USUAL_LENGTH_MS),
      stamp: new Date(entry.changedAt),
      lastModified: new Date(entry.changedAt),
      summary: plain(entry.title),
      description: entry.lines.map(plain).join('\n'),
      url: entry.url,
      organizer: { name: plain(brand), email: addressOf(sender) },
      status: entry.cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      ...(entry.place === ''
        ? {}
        : { location: { title: plain(entry.place), ...(entry.geo === undefined ? {} : { geo: entry.geo }) } }),
    });
  }
  return calendar.toString();
}

/** The address in a sender that may have a name: `Onsale <tickets@example.com>`. */
function addressOf(sender: string): string {
  return /<([^<>]+)>$/.exec(sender)?.[1] ?? sender;
}

/** A text in one line, without controls or marks that turn it round. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u{202A}-\u{202E}\u{2066}-\u{2069}]+/gu, ' ')
    .trim();
}
