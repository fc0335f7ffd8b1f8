import * as z from 'zod/mini';

import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';

const venueRow = z.object({
  venueId: z.string(),
  organizationId: z.string(),
  createdBy: z.string(),
  createdAt: z.int(),
  name: z.string(),
  /** IANA name. */
  timeZone: z.string(),
  address: z.optional(
    z.object({
      street: z.optional(z.string()),
      postalCode: z.optional(z.string()),
      city: z.optional(z.string()),
      region: z.optional(z.string()),
      /** ISO 3166-1 alpha-2. */
      country: z.optional(z.string()),
    }),
  ),
  /** Degrees, WGS 84. */
  coordinates: z.optional(z.object({ latitude: z.number(), longitude: z.number() })),
  mapUrl: z.optional(z.string()),
  accessibilityNotes: z.optional(z.string()),
  status: z.enum(['ACTIVE', 'ARCHIVED']),
  /** The current seating plan, its version and what it holds; absent for a venue without seats. */
  planId: z.optional(z.string()),
  planVersion: z.optional(z.int()),
  seats: z.optional(z.int()),
  standing: z.optional(z.int()),
  /** Hash of the request that made the venue, to tell a retry from a reused key. */
  requestHash: z.string(),
});

/** What a venue's row keeps beside its mark. */
export type VenueDetails = z.infer<typeof venueRow>;

/** A venue as its row holds it. */
export type VenueRecord = VenueDetails & Marked & Item;

/** Reads a row as a venue. @throws when it is none */
export function parseVenue(item: Item): VenueRecord {
  return { ...marked(item), ...z.parse(venueRow, item) };
}
