import { draftFaults, ticketTypesFaults, timesOf, type Fault, type Unchecked } from './draft-rules.ts';

/** Faults between the fields of a new series; those of its recurrence show when it is worked out. */
export function seriesFaults(body: Unchecked): readonly Fault[] {
  const first = timesOf({
    startsAtLocal: body['startsAtLocal'],
    startsAtOccurrence: body['startsAtOccurrence'],
    timeZone: body['timeZone'],
  });
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
