import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import type { VenueRecord } from './domain/venue.ts';
import { findVenue } from './reads.ts';

/** Venues for policies that say `owns: 'venue'`: each is of an organisation. */
export function ownedVenues(table: Table): Owned<'venue', VenueRecord> {
  return {
    kind: 'venue',
    find: (venueId) => findVenue(table, venueId),
    ownersOf: ({ organizationId }) => ({ places: [{ organizationId }] }),
  };
}
