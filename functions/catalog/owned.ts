import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import type { EventRecord } from './domain/event.ts';
import { findEvent } from './reads.ts';

/** Events for policies that say `owns: 'event'`: each is of the organisation that puts it on. */
export function ownedEvents(table: Table): Owned<'event', EventRecord> {
  return {
    kind: 'event',
    find: (eventId) => findEvent(table, eventId),
    ownersOf: ({ organizationId, eventId }) => ({ places: [{ organizationId, eventId }] }),
  };
}
