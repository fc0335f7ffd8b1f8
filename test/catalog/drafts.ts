import { DAY, HOUR, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import type { EventDraft } from '../../functions/catalog/schemas.ts';

/** A valid body of `POST /api/events`, 30 days ahead of `now`; `as` says what is otherwise. */
export function draftBody(as: Partial<EventDraft> = {}, now = Date.now()): EventDraft {
  const startsAt = now + 30 * DAY;
  return {
    title: 'Harbour at Night',
    description: 'Brass on the quay.\nBring a blanket.',
    category: 'concert',
    startsAt: toTimestamp(startsAt),
    endsAt: toTimestamp(startsAt + 3 * HOUR),
    timeZone: 'Europe/Berlin',
    venue: { name: 'Quay 7', city: 'Hamburg' },
    ticketTypes: [
      { name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 120 },
      { name: 'Seated', price: { amount: 7_500, currency: 'EUR' }, quantity: 30, maxPerPerson: 4 },
    ],
    ...as,
  };
}
