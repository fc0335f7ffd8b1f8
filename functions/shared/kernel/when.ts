import type { Instant } from './clock.ts';

/** When an event is, as people at its place read it; see {@link describeWhen}. */
export interface When {
  /** `Saturday, 5 December 2026` */
  readonly date: string;
  /** `20:00` or `20:00 – 23:30`; a later day is named. */
  readonly time: string;
  /** `CET`, or `GMT+9` where the zone has no short English name. */
  readonly zone: string;
}

/**
 * Describes an event's time in the event's own zone, wherever the reader is (invariant I23).
 *
 * @param timeZone IANA name
 * @param language BCP 47 language tag that it is read in
 */
export function describeWhen(
  startsAt: Instant,
  endsAt: Instant | undefined,
  timeZone: string,
  language: string = 'en',
): When {
  const locale = language === 'en' ? 'en-GB' : language;
  const inZone = (at: Instant, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(at);
  const day = (at: Instant): string => inZone(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const clock = (at: Instant): string => inZone(at, { hour: '2-digit', minute: '2-digit' });
  const zone = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' })
    .formatToParts(startsAt)
    .find(({ type }) => type === 'timeZoneName');
  const end = endsAt === undefined ? '' : endOf(startsAt, endsAt, day, clock);
  return { date: day(startsAt), time: clock(startsAt) + end, zone: zone?.value ?? timeZone };
}

function endOf(
  startsAt: Instant,
  endsAt: Instant,
  day: (at: Instant) => string,
  clock: (at: Instant) => string,
): string {
  // A concert that ends after midnight is still one evening; a festival is not.
  const oneEvening = day(startsAt) === day(endsAt) || endsAt - startsAt < 12 * 3_600_000;
  return oneEvening ? ` – ${clock(endsAt)}` : ` – ${clock(endsAt)}, ${day(endsAt)}`;
}
