import { describe, expect, it } from 'vitest';

import { planEvent, planTicketType } from '../../functions/catalog/domain/draft.ts';
import type { EventDetails } from '../../functions/catalog/domain/event.ts';
import { planOpening, planPublication } from '../../functions/catalog/domain/publication.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import type { Result } from '../../functions/shared/kernel/result.ts';
import type { PlanSupply } from '../../functions/venues/contract.ts';
import { draftBody } from './drafts.ts';

const NOW = Date.UTC(2027, 0, 15, 12);
const TYPE = { name: 'Late', price: { amount: 4_500, currency: 'EUR' }, quantity: 120 };

const ROW = {
  rowId: 'a',
  label: 'A',
  section: 'Stalls',
  centre: 0,
  distance: 10,
  pitch: 1,
  seats: [{ id: 'a-0', number: '1' }],
};
const PLAN: PlanSupply = {
  planId: 'plan',
  venueId: 'venue',
  categories: [
    { name: 'Seats', seats: 1, standing: 0, rows: [ROW], areas: [] },
    { name: 'Floor', seats: 0, standing: 40, rows: [], areas: [] },
    { name: 'Both', seats: 1, standing: 40, rows: [ROW], areas: [] },
    { name: 'Empty', seats: 0, standing: 0, rows: [], areas: [] },
  ],
};

/** A draft whose types sell places of these categories. */
function draftFor(...categories: readonly string[]): EventDetails {
  const ticketTypes = categories.map((seatCategory) => ({ ...TYPE, name: seatCategory, seatCategory }));
  return valueOf(
    planEvent(draftBody({ ticketTypes }, NOW), {
      eventId: 'event',
      organizationId: 'organization',
      createdBy: 'user',
      requestHash: 'hash',
      now: NOW,
    }),
  );
}

function valueOf<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

describe('the stock of an event with a seating plan', () => {
  it('is the seats of a category, or the places of its standing areas', () => {
    expect(valueOf(planPublication(draftFor('Seats', 'Floor'), NOW, PLAN))).toMatchObject([
      { name: 'seats:Seats', stock: { kind: 'SEATS' } },
      { name: 'seats:Floor', stock: { kind: 'COUNT', capacity: 40 } },
    ]);
  });

  it('is refused where standing places would go unsold beside seats, each category by its path', () => {
    expect(planPublication(draftFor('Seats', 'Both', 'Balcony'), NOW, PLAN)).toMatchObject({
      ok: false,
      error: {
        code: 'INVALID_INPUT',
        errors: [
          { path: 'ticketTypes.1.seatCategory', message: expect.stringContaining('category of its own') },
          { path: 'ticketTypes.2.seatCategory', message: expect.stringContaining('no such category') },
        ],
      },
    });
  });

  it('is refused where a category has no places: such a type could neither be sold nor edited', () => {
    expect(planPublication(draftFor('Seats', 'Empty'), NOW, PLAN)).toMatchObject({
      ok: false,
      error: {
        code: 'INVALID_INPUT',
        errors: [{ path: 'ticketTypes.1.seatCategory', message: expect.stringContaining('no places') }],
      },
    });
  });

  it('is refused for a type that comes later, too', () => {
    const later = planTicketType({ ...TYPE, seatCategory: 'Both' }, 'late');
    const event: EventDetails = { ...draftFor('Seats'), status: 'PUBLISHED', publishedAt: NOW + DAY };
    expect(planOpening(event, later, PLAN)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_INPUT', errors: [{ path: 'seatCategory' }] },
    });
  });
});
