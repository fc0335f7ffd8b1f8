import * as z from 'zod/mini';

import type { ChangeMark } from './aggregate.ts';
import type { Table } from './client.ts';
import type { Item, Key } from './keys.ts';
import { queryAll } from './read.ts';
import { mustHold, type Attributes, type Put } from './writes.ts';

/** One change of an aggregate as its timeline keeps it: its mark, the members that it set and those that it removed. */
export interface TimelineStep extends ChangeMark {
  readonly set: Attributes;
  readonly removed: readonly string[];
}

/** Sort keys of an aggregate's timeline begin so. */
export const TIMELINE_PREFIX = 'TL#';

/** Where version `ver` of the aggregate at `pk` is kept; six digits sort up to a million changes. */
export function timelineKey(pk: string, ver: number): Key {
  return { pk, sk: `${TIMELINE_PREFIX}${String(ver).padStart(6, '0')}` };
}

/**
 * Where version `ver` is kept together with the one after it (ADR 66). It sorts right behind `ver` alone and is another key,
 * so that however the stream cuts its batches when it brings them again, nothing takes the place of more.
 */
export function pairKey(pk: string, ver: number): Key {
  const { sk } = timelineKey(pk, ver);
  return { pk, sk: `${sk}+` };
}

/** Every key at which version `ver` may be kept. */
export function keysOfStep(pk: string, ver: number): readonly Key[] {
  return [timelineKey(pk, ver), pairKey(pk, ver), pairKey(pk, ver - 1)];
}

/** The write that keeps one step, or two that follow each other, by key and content alone. */
export function keepSteps(pk: string, step: TimelineStep, next?: TimelineStep): Put<never> {
  const otherwise = mustHold('a put without a condition');
  return next === undefined
    ? { kind: 'put', key: timelineKey(pk, step.ver), item: plain(step), otherwise }
    : { kind: 'put', key: pairKey(pk, step.ver), item: { steps: [plain(step), plain(next)] }, otherwise };
}

function plain({ removed, ...step }: TimelineStep): Attributes {
  return { ...step, removed: [...removed] };
}

const pair = z.object({ steps: z.array(z.looseObject({ ver: z.int() })) });
const single = z.looseObject({ ver: z.int() });

/** The steps that an item of a timeline keeps, oldest first, for a reader's own schema. */
export function stepsIn(item: Item): readonly { readonly ver: number }[] {
  return 'steps' in item ? z.parse(pair, item).steps : [z.parse(single, item)];
}

/** Which steps of a timeline to read, and in which order. */
export interface StepQuery {
  readonly newestFirst?: boolean;
  /** Only versions from this one on; read oldest first. */
  readonly from?: number;
  /** Only versions below this one; read newest first. */
  readonly before?: number;
  /** How many items to ask for at a time; without it, as many as DynamoDB puts into 1 MB. */
  readonly pageSize?: number;
}

/** The steps of the aggregate at `pk` in order, each once, however often and in whatever pairs they are kept. */
export async function* readSteps(
  table: Table,
  pk: string,
  { newestFirst = false, from = 1, before = Infinity, pageSize }: StepQuery = {},
): AsyncGenerator<{ readonly ver: number }> {
  const edge = newestFirst ? before : from - 1;
  const range = edge > 0 && edge < Infinity ? { after: timelineKey(pk, edge).sk } : { skPrefix: TIMELINE_PREFIX };
  let last: number | undefined;
  for await (const item of queryAll(table, {
    pk,
    ...range,
    newestFirst,
    ...(pageSize === undefined ? {} : { pageSize }),
  })) {
    // Beside the timeline, in either direction, sort the rows of the aggregate itself.
    if (!item.sk.startsWith(TIMELINE_PREFIX)) return;
    const steps = stepsIn(item);
    for (const step of newestFirst ? steps.toReversed() : steps) {
      const isTold = last !== undefined && (newestFirst ? step.ver >= last : step.ver <= last);
      if (isTold || step.ver < from || step.ver >= before) continue;
      last = step.ver;
      yield step;
    }
  }
}
