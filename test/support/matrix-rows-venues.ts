import { currentPlan } from '../venues/plans.ts';
import { publishSeated } from './seated.ts';
import type { MatrixRow, MatrixWorld } from './matrix-rows.ts';

const VENUE = { name: 'Matrix Hall', timeZone: 'Europe/Berlin' };

/** A venue of the organisation, with a seating plan. */
async function seatedVenue({
  organizer,
  organizationId,
}: MatrixWorld): Promise<{ readonly venueId: string; readonly planId: string }> {
  const made = await organizer.call('POST', '/api/venues', { ...VENUE, organizationId });
  if (made.status !== 201) throw new Error(`Making a venue: ${made.text}`);
  const venueId: string = made.json.id;
  const planned = await organizer.call('PUT', `/api/venues/${venueId}/seating-plan`, currentPlan());
  if (planned.status !== 200) throw new Error(`Giving it a seating plan: ${planned.text}`);
  return { venueId, planId: planned.json.seatingPlan.id };
}

/** The rows of the routes of venues and of what everybody sees of their seats. */
export const VENUE_ROWS: Readonly<Record<string, MatrixRow>> = {
  createVenue: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: '/api/venues', body: { ...VENUE, organizationId } }),
  },
  listVenues: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/venues?organizationId=${organizationId}` }),
  },
  getVenue: {
    hidden: 'VENUE_NOT_FOUND',
    request: async (world) => ({ path: `/api/venues/${(await seatedVenue(world)).venueId}` }),
  },
  updateVenue: {
    hidden: 'VENUE_NOT_FOUND',
    request: async (world) => ({
      path: `/api/venues/${(await seatedVenue(world)).venueId}`,
      body: { name: 'Matrix Arena' },
      headers: { 'if-match': '*' },
    }),
  },
  archiveVenue: {
    hidden: 'VENUE_NOT_FOUND',
    request: async (world) => ({ path: `/api/venues/${(await seatedVenue(world)).venueId}` }),
  },
  putSeatingPlan: {
    hidden: 'VENUE_NOT_FOUND',
    request: async (world) => ({
      path: `/api/venues/${(await seatedVenue(world)).venueId}/seating-plan`,
      body: currentPlan({ name: 'Another' }),
      headers: { 'if-match': '*' },
    }),
  },
  getSeatingPlan: {
    hidden: 'VENUE_NOT_FOUND',
    request: async (world) => ({ path: `/api/venues/${(await seatedVenue(world)).venueId}/seating-plan` }),
  },
  getPlanGeometry: {
    request: async (world) => ({ path: `/api/seating-plans/${(await seatedVenue(world)).planId}` }),
  },
  getPlanPicture: {
    request: async (world) => ({ path: `/api/seating-plans/${(await seatedVenue(world)).planId}/picture.svg` }),
  },
  blockSeats: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: async ({ organizer, organizationId }) => {
      const { types } = await publishSeated(organizer, currentPlan(), { Stalls: 4_500 }, { organizationId });
      return { path: `/api/ticket-types/${types['Stalls']}/seats/block`, body: { seatIds: ['0-2'] } };
    },
  },
  releaseSeats: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: async ({ organizer, organizationId }) => {
      const { types } = await publishSeated(organizer, currentPlan(), { Stalls: 4_500 }, { organizationId });
      return { path: `/api/ticket-types/${types['Stalls']}/seats/release`, body: { seatIds: ['0-2'] } };
    },
  },
  getEventSeats: {
    request: async ({ organizer, organizationId }) => {
      const { eventId } = await publishSeated(organizer, currentPlan(), { Stalls: 4_500 }, { organizationId });
      return { path: `/api/events/${eventId}/seats` };
    },
  },
};
