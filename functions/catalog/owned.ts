import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import type { EventRecord, TicketType } from './domain/event.ts';
import type { SeriesRecord } from './domain/series.ts';
import { findEvent, findEventOfType, findSeries } from './reads.ts';

/** Events for policies that say `owns: 'event'`: each is of the organisation that puts it on. */
export function ownedEvents(table: Table): Owned<'event', EventRecord> {
  return {
    kind: 'event',
    find: (eventId) => findEvent(table, eventId),
    ownersOf: ({ organizationId, eventId }) => ({ places: [{ organizationId, eventId }] }),
  };
}

/** A ticket type with its event. */
export interface TypeOfEvent {
  readonly event: EventRecord;
  readonly type: TicketType;
}

/** Ticket types for policies that say `owns: 'ticketType'`: each is its event's, on sale or not. */
export function ownedTicketTypes(table: Table): Owned<'ticketType', TypeOfEvent> {
  return {
    kind: 'ticketType',
    find: async (ticketTypeId) => {
      const event = await findEventOfType(table, ticketTypeId);
      const type = event?.ticketTypes.find((each) => each.ticketTypeId === ticketTypeId);
      return event === undefined || type === undefined ? undefined : { event, type };
    },
    ownersOf: ({ event: { organizationId, eventId } }) => ({ places: [{ organizationId, eventId }] }),
  };
}

/** Organisations for policies that say `owns: 'organization'`: whom the caller works for, the session says. */
export const ownedOrganizations: Owned<'organization', string> = {
  kind: 'organization',
  find: async (organizationId) => organizationId,
  ownersOf: (organizationId) => ({ places: [{ organizationId }] }),
};

/** Series for policies that say `owns: 'series'`: each is of the organisation that puts its events on. */
export function ownedSeries(table: Table): Owned<'series', SeriesRecord> {
  return {
    kind: 'series',
    find: (seriesId) => findSeries(table, seriesId),
    ownersOf: ({ organizationId }) => ({ places: [{ organizationId }] }),
  };
}
