import { DAY, type Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/** What begins a partition of what was touched. */
export const TOUCHED_PREFIX = 'AUDIT#';

/** Where it is kept what was touched on the day of `at`. */
export function touchedPartition(at: Instant): string {
  return `${TOUCHED_PREFIX}${new Date(Math.floor(at / DAY) * DAY).toISOString().slice(0, 10)}`;
}

/** Sorts what was touched by when; everything touched at `at` sorts after the bare time. */
export function touchedPosition(at: Instant, hash = ''): string {
  return `${String(Math.max(0, at)).padStart(13, '0')}${hash === '' ? '' : `#${hash}`}`;
}

/** Until when orders have been listed with their events. */
export const LISTED_KEY: Key = { pk: 'STOCKAUDIT', sk: 'CURSOR' };

/** What the last look at an event's stock has found. */
export function stockAuditKey(eventId: string): Key {
  return { pk: `EVENT#${eventId}`, sk: 'STOCKAUDIT' };
}

/** `order/01J…` of `ORDER#01J…`, as envelopes name it too. */
export function aggregateName(pk: string): string {
  const [type = '', ...id] = pk.split('#');
  return `${type.toLowerCase()}/${id.join('#')}`;
}

/** The partition of what {@link aggregateName} names. */
export function aggregatePartition(name: string): string {
  const [type = '', id = ''] = name.split('/');
  return `${type.toUpperCase()}#${id}`;
}
