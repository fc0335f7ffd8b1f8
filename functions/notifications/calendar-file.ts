import type { Ticket } from '../delivery/contract.ts';
import { calendarOfTickets, type CalendarSettings } from '../delivery/ticket-calendar.ts';
import type { Table } from '../shared/table/client.ts';
import type { MailFile } from './mime.ts';

const METHOD = /^METHOD:([A-Z]+)\r?$/m;

/**
 * A calendar to attach to a mail, of the method that it says itself: mail programs look at either.
 *
 * @param tickets all that were issued, also those given back since: the number by which calendars know a later
 *   entry counts their changes, and must be the same as that of the calendar to be fetched
 */
export async function calendarFile(
  table: Table,
  tickets: readonly Ticket[],
  named: 'ticket' | 'order',
  settings: CalendarSettings,
  filename: string,
): Promise<MailFile> {
  const text = await calendarOfTickets(table, tickets, named, settings);
  const method = METHOD.exec(text)?.[1] ?? 'PUBLISH';
  return { filename, contentType: `text/calendar; charset=utf-8; method=${method}`, content: Buffer.from(text) };
}
