import type { Instant } from '../../shared/kernel/clock.ts';
import { DAY } from '../../shared/kernel/clock.ts';

/** What instants a local time names in a zone. */
export type LocalTime =
  | { readonly kind: 'exact'; readonly instant: Instant }
  /** Clocks go over it when they are put forward. */
  | { readonly kind: 'skipped' }
  /** Clocks show it twice when they are put back. */
  | { readonly kind: 'ambiguous'; readonly earlier: Instant; readonly later: Instant };

/** `2026-10-25T02:30`, with seconds if wanted: a local time without offset (RFC 3339 without one). */
export const LOCAL_TIME_PATTERN =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;

/** The last moment that an event or a sale may name. */
export const LATEST = Date.UTC(2199, 11, 31, 23, 59, 59, 999);
export const TOO_LATE = 'Choose a time before the year 2200';

/** Whether a local time that matches {@link LOCAL_TIME_PATTERN} names a day that exists. */
export function isDay(local: string): boolean {
  // `Date` takes 30 February for 2 March.
  return new Date(`${local}Z`).toISOString().startsWith(local.slice(0, 10));
}

/**
 * The instant that people at a place mean by a local time. Written with Intl alone, since the schemas of
 * routes use it and the Temporal polyfill is 40 times its size; tests hold it against that polyfill.
 *
 * @param local matches {@link LOCAL_TIME_PATTERN} and names a day that exists, see {@link isDay}
 * @param timeZone IANA name
 */
export function resolveLocalTime(local: string, timeZone: string): LocalTime {
  const asIfUtc = Date.parse(`${local}Z`);
  // No zone changes its clocks twice within three days, so these are all offsets that can be meant.
  const offsets = new Set([-1.5 * DAY, 0, 1.5 * DAY].map((away) => offsetAt(asIfUtc + away, timeZone)));
  const [earlier, later] = [...offsets]
    .map((offset) => ({ offset, instant: asIfUtc - offset }))
    .filter(({ offset, instant }) => offsetAt(instant, timeZone) === offset)
    .map(({ instant }) => instant)
    .toSorted((left, right) => left - right);
  if (earlier === undefined) return { kind: 'skipped' };
  return later === undefined ? { kind: 'exact', instant: earlier } : { kind: 'ambiguous', earlier, later };
}

/** What clocks of `timeZone` show at `instant`, as `2026-10-25T02:30:00`. */
export function localTimeAt(instant: Instant, timeZone: string): string {
  return new Date(instant + offsetAt(instant, timeZone)).toISOString().slice(0, 19);
}

/** Milliseconds that clocks of `timeZone` are ahead of UTC at `instant`. */
function offsetAt(instant: Instant, timeZone: string): number {
  const shown = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => shown.get(name) ?? 0;
  const asIfUtc = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return asIfUtc - Math.floor(instant / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}
