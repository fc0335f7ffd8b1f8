import { DAY, type Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { spanOf, type Touched } from '../domain/touched.ts';
import { touchedPosition } from '../keys.ts';
import { readSpan, readTouched, type TouchedTogether, type TrailStep } from '../reads.ts';

/** Things touched in ten minutes whose steps are put into the order of time; of more, things stand together. */
const MOST_SORTED = 100;
/** Trails read at once. */
const AT_ONCE = 10;

/** A step, or undefined for one more read that found none; with where to go on from, once there is something. */
export interface Found {
  readonly position: string | undefined;
  readonly step: TrailStep | undefined;
}

/**
 * The steps of all aggregates in a time, newest first, span by span of ten minutes. Of a span in which much happened
 * the things are told as they were marked, newest first, each with its steps together.
 *
 * @param resume `T|<time>|<partition>|<version>` within a span in order, `M|<mark>|<thing>|<version>` within another
 */
export async function* stepsWithin(
  table: Table,
  since: Instant,
  until: Instant,
  resume: string | undefined,
): AsyncGenerator<Found> {
  const [order, first = '', second = '', third = '0'] = resume?.split('|') ?? [];
  let after = order === 'T' ? { at: Number(first), pk: second, ver: Number(third) } : undefined;
  let inMark = order === 'M' ? { mark: first, thing: Number(second), version: Number(third) } : undefined;
  const below =
    after !== undefined ? `${touchedPosition(after.at)}~` : inMark !== undefined ? `${first}~` : touchedPosition(until);
  for await (const { marks, isWhole } of spansOf(marksBelow(table, since, below))) {
    if (isWhole && inMark === undefined) yield* inOrder(table, marks, after);
    else yield* byMark(table, marks, inMark);
    after = undefined;
    inMark = undefined;
  }
}

/** What was marked from the span of `since` until just before `until`, newest first. */
export function marksWithin(table: Table, since: Instant, until: Instant): AsyncGenerator<TouchedTogether> {
  return marksBelow(table, since, touchedPosition(until));
}

/** Marks from the newest below a position down to the span of `since`; an empty one where a day ends. */
async function* marksBelow(table: Table, since: Instant, start: string): AsyncGenerator<TouchedTogether> {
  const earliest = touchedPosition(spanOf(since));
  let below = start;
  for (let at = dayOf(Number(below.slice(0, 13))); at >= dayOf(since); at -= DAY) {
    for await (const mark of readTouched(table, at, below)) {
      if (mark.position < earliest) return;
      yield mark;
    }
    below = touchedPosition(at);
    yield { position: below, things: [] };
  }
}

interface Span {
  readonly marks: readonly TouchedTogether[];
  /** Whether these are all marks of their span, and few enough to be put in order. */
  readonly isWhole: boolean;
}

async function* spansOf(marks: AsyncGenerator<TouchedTogether>): AsyncGenerator<Span> {
  let held: TouchedTogether[] = [];
  let span: Instant | undefined;
  let things = 0;
  let isWhole = true;
  for await (const mark of marks) {
    const own = spanOf(Number(mark.position.slice(0, 13)));
    if (own !== span) {
      if (held.length > 0) yield { marks: held, isWhole };
      [held, span, things, isWhole] = [[], own, 0, true];
    }
    held.push(mark);
    things += mark.things.length;
    if (things > MOST_SORTED) {
      isWhole = false;
      yield { marks: held, isWhole };
      [held, things] = [[], 0];
    }
  }
  if (held.length > 0) yield { marks: held, isWhole };
}

/** The steps of a whole span by their time, newest first. */
async function* inOrder(
  table: Table,
  marks: readonly TouchedTogether[],
  after: Pick<TrailStep, 'at' | 'pk' | 'ver'> | undefined,
): AsyncGenerator<Found> {
  const things = marks.flatMap((mark) => mark.things);
  // What was marked twice, after a failure of the relay, is one thing.
  const once = [...new Map(things.map((thing) => [thing.join(' '), thing])).values()];
  const steps = (await trailsOf(table, once)).flat().toSorted(newestFirst);
  for (const _read of [...once, ...marks]) yield { position: undefined, step: undefined };
  for (const step of steps) {
    const isTold = after !== undefined && newestFirst(step, after) <= 0;
    if (!isTold) yield { position: `T|${step.at}|${step.pk}|${step.ver}`, step };
  }
}

function newestFirst(left: Pick<TrailStep, 'at' | 'pk' | 'ver'>, right: Pick<TrailStep, 'at' | 'pk' | 'ver'>): number {
  if (left.at !== right.at) return right.at - left.at;
  if (left.pk !== right.pk) return left.pk < right.pk ? 1 : -1;
  return right.ver - left.ver;
}

/** The steps of a part of a span, thing by thing. */
async function* byMark(
  table: Table,
  marks: readonly TouchedTogether[],
  resume: { readonly mark: string; readonly thing: number; readonly version: number } | undefined,
): AsyncGenerator<Found> {
  for (const { position, things } of marks) {
    const isResumed = position === resume?.mark;
    const first = isResumed ? resume.thing : 0;
    const left = things.toReversed().slice(first);
    for (let start = 0; start < left.length; start += AT_ONCE) {
      const trails = await trailsOf(table, left.slice(start, start + AT_ONCE));
      for (const [offset, steps] of trails.entries()) {
        const number = first + start + offset;
        const told = isResumed && number === resume.thing ? resume.version : 0;
        for (const step of steps)
          if (told === 0 || step.ver < told) yield { position: `M|${position}|${number}|${step.ver}`, step };
        yield { position: `M|${position}|${number + 1}|0`, step: undefined };
      }
    }
    yield { position: `M|${position}|${things.length}|0`, step: undefined };
  }
}

async function trailsOf(table: Table, things: readonly Touched[]): Promise<readonly (readonly TrailStep[])[]> {
  const trails: (readonly TrailStep[])[] = [];
  for (let start = 0; start < things.length; start += AT_ONCE)
    trails.push(...(await Promise.all(things.slice(start, start + AT_ONCE).map((each) => readSpan(table, each)))));
  return trails;
}

function dayOf(at: Instant): Instant {
  return Math.floor(at / DAY) * DAY;
}
