import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';

/** The length of a span of time: what changes an aggregate within one is found by one mark. */
export const SPAN_MS = 10 * MINUTE;

/** An aggregate and the first version of it that lies in a span. */
export type Touched = readonly [pk: string, version: number];

/** What is marked together: the same span, in the order in which it came. */
export interface Marks {
  /** Time of the first change among them. */
  readonly at: Instant;
  readonly things: readonly Touched[];
}

/** A row before and after a change, as far as this looks at it. */
export interface Step {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: { readonly pk: string; readonly ver: number; readonly at: Instant };
}

/** The beginning of the span that `at` lies in. */
export function spanOf(at: Instant): Instant {
  return Math.floor(at / SPAN_MS) * SPAN_MS;
}

/**
 * The marks by which the steps of a batch are found by time: one for each aggregate and span, by the step that
 * is its first there. A function of the steps alone, so a batch may be marked any number of times.
 */
export function marksOf(steps: readonly Step[]): readonly Marks[] {
  const first = steps.filter(({ before, after }) => {
    const at = before?.['at'];
    return typeof at !== 'number' || spanOf(at) !== spanOf(after.at);
  });
  return [...Map.groupBy(first, ({ after }) => spanOf(after.at)).values()].map((together) => ({
    at: Math.min(...together.map(({ after }) => after.at)),
    things: together.map(({ after }): Touched => [after.pk, after.ver]),
  }));
}
