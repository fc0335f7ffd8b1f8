import type { Instant } from '../../shared/kernel/clock.ts';
import { draftFaults, ticketTypesFaults, timesOf, type Fault, type Unchecked } from './draft-rules.ts';

/** That the first date of a new series is past at `now`; which of its other dates are shows when they are worked out. */
export function pastSeriesFaults(body: Unchecked, now: Instant): readonly Fault[] {
  const { startsAt } = timesOf(firstDateOf(body)).found;
  return startsAt !== undefined && Date.parse(startsAt) <= now
    ? [{ path: ['startsAtLocal'], message: 'The first date must start in the future' }]
    : [];
}

/** Faults between the fields of a new series; those of its recurrence show when it is worked out. */
export function seriesFaults(body: Unchecked): readonly Fault[] {
  const first = timesOf(firstDateOf(body));
  // The rules of an event hold for what its dates share; its times are told by the series' own names.
  const shared = draftFaults({
    ...body,
    startsAt: '2000-01-01T00:00:00Z',
    startsAtLocal: undefined,
    startsAtOccurrence: undefined,
    ticketTypes: [],
  });
  return [...first.faults, ...shared, ...ticketTypesFaults(body)];
}

function firstDateOf({ startsAtLocal, startsAtOccurrence, timeZone }: Unchecked): Unchecked {
  return { startsAtLocal, startsAtOccurrence, timeZone };
}
