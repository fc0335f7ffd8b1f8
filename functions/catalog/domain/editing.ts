import * as z from 'zod/mini';

import { canonicalJson } from '../../shared/kernel/hash.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import type { EventPatch } from '../edit-schemas.ts';
import { eventEdited, eventUpdated } from '../events.ts';
import { describe, eventInPast, START_IS_PAST } from './draft.ts';
import { draftOf, invalid, merge, readDraft } from './draft-of.ts';
import { timesOf } from './draft-rules.ts';
import type { EventDetails } from './event.ts';
import { isEditable } from './lifecycle.ts';

/** What is to become of an event: attributes of its row to set, or with undefined to remove, and what that raises. */
export interface Decision {
  readonly raises: string;
  readonly changes: Attributes;
}
/** Nothing would change, so nothing is written and nothing raised. */
export type Unchanged = 'UNCHANGED';

/** Members by which somebody decides whether to come: holders must hear of a change. */
const HOLDERS_CARE: ReadonlySet<string> = new Set([
  'title',
  'performers',
  'ageLimit',
  'venue',
  'venueId',
  'cancellationPolicy',
]);
/** Members that only a draft may change; a published event is moved by rescheduling it. */
const OF_DRAFTS: readonly (keyof EventPatch)[] = [
  'startsAt',
  'endsAt',
  'startsAtLocal',
  'endsAtLocal',
  'startsAtOccurrence',
  'endsAtOccurrence',
  'timeZone',
  'venueId',
];
const DESCRIPTION = [
  'title',
  'description',
  'category',
  'tags',
  'performers',
  'ageLimit',
  'venueId',
  'venue',
  'pools',
  'noSingleSeats',
  'imageKey',
  'cancellationPolicy',
  'gates',
] as const;

/**
 * Edits an event. Of a draft anything may change; of a published one, what it is but not when: tickets were
 * sold for that time. The capacities that its types share may become larger or smaller, but they stay the same ones.
 *
 * @param by whether the event is edited alone, or with the series that it is a date of
 * @returns EVENT_NOT_EDITABLE, EVENT_IS_PUBLISHED, EVENT_IN_PAST, or INVALID_INPUT with every fault
 */
export function planEdit(
  event: EventDetails,
  patch: EventPatch,
  now: Instant,
  by: 'BY_ITSELF' | 'BY_SERIES' = 'BY_ITSELF',
): Result<Decision | Unchanged, Problem> {
  if (!isEditable(event.status)) return err(notEditable());
  const refused: string[] = OF_DRAFTS.filter((name) => patch[name] !== undefined);
  if (patch.pools !== undefined && !areTheSame(event.pools ?? [], patch.pools ?? [])) refused.push('pools');
  if (event.status === 'PUBLISHED' && refused.length > 0) return err(isPublished(refused));

  const merged = merge(baseOf(event, patch), patch);
  const wanted = Date.parse(timesOf(merged).found.startsAt ?? '');
  const isPast = wanted !== event.startsAt && wanted <= now;
  const read = readDraft(merged);
  if (!read.ok && isPast) return err(invalid([...(read.error.errors ?? []), START_IS_PAST]));
  if (!read.ok) return read;
  const draft = read.value;
  const startsAt = Date.parse(draft.startsAt);
  if (isPast) return err(eventInPast());

  const described: Attributes = describe(draft);
  const next: Attributes = {
    ...Object.fromEntries(DESCRIPTION.map((name) => [name, described[name]])),
    startsAt,
    endsAt: draft.endsAt === undefined ? undefined : Date.parse(draft.endsAt),
    timeZone: draft.timeZone,
  };
  const decision = edited(event, next);
  // A date that was changed by itself is left alone when its series changes.
  const parts = decision !== 'UNCHANGED' && by === 'BY_ITSELF' && event.seriesId !== undefined;
  return ok(parts ? { ...decision, changes: { ...decision.changes, ownWay: true } } : decision);
}

type Pools = NonNullable<EventDetails['pools']>;

/** Whether shared capacities go by the same names, in the same order. */
function areTheSame(before: Pools, after: Pools): boolean {
  return before.map(({ name }) => name).join('\n') === after.map(({ name }) => name).join('\n');
}

/** The shared capacities that a decision changes, with their places in the event; none where it leaves them. */
export function resizedPools(
  { pools = [] }: Pick<EventDetails, 'pools'>,
  { changes }: Decision,
): readonly { readonly index: number; readonly name: string; readonly quantity: number }[] {
  if (changes['pools'] === undefined) return [];
  return z
    .parse(poolRows, changes['pools'])
    .flatMap(({ name, quantity }, index) => (pools[index]?.quantity === quantity ? [] : [{ index, name, quantity }]));
}

const poolRows = z.array(z.object({ name: z.string(), quantity: z.int() }));

/** The decision that sets `next`, told to holders where they must know. */
export function edited(event: EventDetails, next: Attributes): Decision | Unchanged {
  const before: Readonly<Record<string, unknown>> = event;
  const changed = Object.keys(next).filter((name) => textOf(next[name]) !== textOf(before[name]));
  if (changed.length === 0) return 'UNCHANGED';
  const told = event.status === 'PUBLISHED' && changed.some((name) => HOLDERS_CARE.has(name));
  return { raises: told ? eventUpdated.name : eventEdited.name, changes: { ...next, changed: changed.toSorted() } };
}

function textOf(value: unknown): string {
  return canonicalJson(value ?? null);
}

/** The draft of `event` without the members that `patch` gives by another name. */
function baseOf(event: EventDetails, patch: EventPatch): Record<string, unknown> {
  const base: Record<string, unknown> = { ...draftOf(event) };
  if (patch.venue !== undefined || patch.location !== undefined) delete base['venue'];
  if (patch.startsAtLocal !== undefined) delete base['startsAt'];
  if (patch.endsAtLocal !== undefined) delete base['endsAt'];
  return base;
}

/** Why an event cannot be changed any more. */
export function notEditable(): Problem<'EVENT_NOT_EDITABLE'> {
  return problem('EVENT_NOT_EDITABLE', 'The event is over, cancelled or archived.');
}

/** Why something of a published event is not changed by an edit. */
export function isPublished(members: readonly string[]): Problem<'EVENT_IS_PUBLISHED'> {
  return problem(
    'EVENT_IS_PUBLISHED',
    'Its times are moved by rescheduling it; its venue and what its tickets are taken from stay as they are.',
    {
      errors: members.map((path) => ({ path, message: 'This of a published event is not changed by an edit' })),
    },
  );
}
