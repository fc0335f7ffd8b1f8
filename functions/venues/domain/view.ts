import { toTimestamp } from '../../shared/kernel/clock.ts';
import type { VenueView } from '../contract.ts';
import type { VenueDetails } from './venue.ts';

/** A venue as its organizers see it. */
export function viewVenue(venue: VenueDetails): VenueView {
  return {
    id: venue.venueId,
    organizationId: venue.organizationId,
    name: venue.name,
    timeZone: venue.timeZone,
    address: venue.address ?? null,
    coordinates: venue.coordinates ?? null,
    mapUrl: venue.mapUrl ?? null,
    accessibilityNotes: venue.accessibilityNotes ?? null,
    status: venue.status,
    seatingPlan: viewCurrentPlan(venue),
    createdAt: toTimestamp(venue.createdAt),
  };
}

/** The seating plan that a venue has now, in figures. */
export function viewCurrentPlan({ planId, planVersion, seats, standing }: VenueDetails): VenueView['seatingPlan'] {
  if (planId === undefined) return null;
  return { id: planId, version: planVersion ?? 1, seats: seats ?? 0, standing: standing ?? 0, ...planUrls(planId) };
}

/** Where a plan's drawing is; both are for ever the same. */
export function planUrls(planId: string): { readonly geometryUrl: string; readonly pictureUrl: string } {
  return { geometryUrl: `/api/seating-plans/${planId}`, pictureUrl: `/api/seating-plans/${planId}/picture.svg` };
}
