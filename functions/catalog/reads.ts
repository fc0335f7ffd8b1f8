import type { Table } from '../shared/table/client.ts';
import { getItem } from '../shared/table/read.ts';
import { parseEvent, type EventRecord } from './domain/event.ts';
import { eventKey } from './keys.ts';

/** The event `eventId` in any state but deleted, or undefined. Strong: who has just published sees it so. */
export async function findEvent(table: Table, eventId: string): Promise<EventRecord | undefined> {
  const item = await getItem(table, eventKey(eventId), 'strong');
  const event = item === undefined ? undefined : parseEvent(item);
  return event?.status === 'DELETED' ? undefined : event;
}
