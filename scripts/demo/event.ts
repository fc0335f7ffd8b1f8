import { ApiClient } from './client.ts';
import { createdEvent, shownEvent, signedIn, type ShownEvent } from './shapes.ts';

/** Password of every demo account; they exist in the local system only. */
const PASSWORD = 'Onsale-demo-2026!';

/** Logs a demo account in and answers its access token and what it may do. */
export async function logIn(
  api: ApiClient,
  email: string,
): Promise<{ token: string; posts: string; expiresIn: number }> {
  const { accessToken, expiresIn, user } = await api.call(
    { method: 'POST', path: '/api/auth/login', body: { email, password: PASSWORD } },
    signedIn,
  );
  const posts = user.memberships.map(({ post, organizationName }) => `${post} of ${organizationName}`).join(', ');
  return { token: accessToken, expiresIn, posts: posts === '' ? 'customer' : posts };
}

/** What goes on sale: one type of ticket. */
export interface Sale {
  readonly title: string;
  readonly tickets: number;
  /** Minor units of EUR. */
  readonly price: number;
  readonly maxPerPerson?: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** Creates an event as a draft. */
export async function draftEvent(api: ApiClient, token: string, sale: Sale): Promise<ShownEvent> {
  const startsAt = Date.now() + 4 * WEEK_MS;
  const { event } = await api.call(
    {
      method: 'POST',
      path: '/api/events',
      token,
      body: {
        title: sale.title,
        description: 'An evening on the pier, made by the demo.',
        category: 'Concert',
        startsAt: new Date(startsAt).toISOString(),
        endsAt: new Date(startsAt + 3 * 3_600_000).toISOString(),
        timeZone: 'Europe/Berlin',
        location: { name: 'Pier 7', city: 'Hamburg' },
        ticketTypes: [
          {
            name: 'Standing',
            price: { amount: sale.price, currency: 'EUR' },
            quantity: sale.tickets,
            ...(sale.maxPerPerson === undefined ? {} : { maxPerPerson: sale.maxPerPerson }),
          },
        ],
      },
    },
    createdEvent,
  );
  return event;
}

/** Puts a draft on sale. */
export async function publishEvent(api: ApiClient, token: string, eventId: string): Promise<ShownEvent> {
  return api.call({ method: 'POST', path: `/api/events/${eventId}/publish`, token, body: {} }, shownEvent);
}
