import { gzipSync } from 'node:zlib';

import type { Person } from './shop.ts';

/** An event on sale with seats. */
export interface SeatedSale {
  readonly eventId: string;
  readonly venueId: string;
  readonly planId: string;
  /** Ticket types by the seat category that they sell. */
  readonly types: Readonly<Record<string, string>>;
}

/** Asks the API for something that must go well. */
async function must(
  host: Person,
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): ReturnType<Person['call']> {
  const answer = await host.call(method, path, body, headers);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer;
}

/**
 * Makes a venue with a plan and publishes an event there, all over the API.
 *
 * @param plan pretix' JSON
 * @param prices minor units by category: a ticket type for each
 * @param as further members of the event
 */
export async function publishSeated(
  host: Person,
  plan: unknown,
  prices: Readonly<Record<string, number>>,
  as: Readonly<Record<string, unknown>> = {},
): Promise<SeatedSale> {
  const { organizationId } = as;
  const owned = organizationId === undefined ? {} : { organizationId };
  const venue = await must(host, 'POST', '/api/venues', { ...owned, name: 'Quay 7', timeZone: 'Europe/Berlin' });
  const venueId: string = venue.json.id;
  const packed = gzipSync(JSON.stringify(plan));
  const put = await host.call('PUT', `/api/venues/${venueId}/seating-plan`, packed, {
    'content-type': 'application/gzip',
  });
  if (put.status !== 200) throw new Error(`Putting a plan: ${put.text}`);
  const created = await must(host, 'POST', '/api/events', {
    title: 'Harbour Opera',
    description: '',
    category: 'opera',
    startsAt: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    timeZone: 'Europe/Berlin',
    venueId,
    ticketTypes: Object.entries(prices).map(([category, amount]) => ({
      name: category,
      price: { amount, currency: 'EUR' },
      quantity: 1,
      seatCategory: category,
    })),
    ...as,
  });
  const { eventId, event } = created.json;
  await must(host, 'POST', `/api/events/${eventId}/publish`);
  const types = Object.fromEntries(
    event.ticketTypes.map(({ id, seatCategory }: { id: string; seatCategory: string }) => [seatCategory, id]),
  );
  return { eventId, venueId, planId: put.json.seatingPlan.id, types };
}
