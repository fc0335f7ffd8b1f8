import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { shortHash } from '../shared/kernel/hash.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import type { AcceptedPlan } from './app/accept-plan.ts';
import type { VenuePage } from './app/list-venues.ts';
import { exportPlan } from './domain/export-plan.ts';
import { geometryOf } from './domain/geometry.ts';
import { drawPlan } from './domain/picture.ts';
import { changedSince } from './domain/seat-status.ts';
import { viewSeats, type SeatsSnapshot } from './domain/seats-view.ts';
import { viewCurrentPlan, viewVenue } from './domain/view.ts';
import type { VenueRecord } from './domain/venue.ts';
import type { StoredPlan } from './reads.ts';

/** Header names in lower case, as requests have them. */
type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** How long an answer may be kept: what is addressed by its content for ever; seats, which change, two seconds. */
export const KEEP = {
  forever: 'public, max-age=31536000, immutable',
  live: 'public, max-age=2',
  privately: 'private, no-cache',
} as const;

/** Brotli at this quality is as fast as gzip and a tenth smaller. */
const QUALITY = 5;

/** Answers with a venue and its ETag; 304 to whoever has it already. */
export function answerVenue(
  found: Result<VenueRecord, Problem>,
  status: 200 | 201 | 204,
  headers: RequestHeaders = {},
): Result<Answer, Problem> {
  if (!found.ok) return found;
  const venue = found.value;
  const etag = `"v${venue.ver}"`;
  if (names(headers['if-none-match'], etag)) return ok({ status: 304, headers: { etag } });
  if (status === 204) return ok({ status });
  const location = status === 201 ? { location: `/api/venues/${venue.venueId}` } : {};
  return ok({ status, body: viewVenue(venue), headers: { etag, ...location } });
}

/** Answers with a page of venues. */
export function answerVenues(found: Result<VenuePage, Problem>): Result<Answer, Problem> {
  if (!found.ok) return found;
  const { venues, nextCursor } = found.value;
  return ok({ status: 200, body: { items: venues.map(viewVenue), nextCursor } });
}

/** Answers the acceptance of a plan. */
export function answerAccepted(accepted: Result<AcceptedPlan, Problem>): Result<Answer, Problem> {
  if (!accepted.ok) return accepted;
  const { venue, warnings } = accepted.value;
  const body = { seatingPlan: viewCurrentPlan(venue), warnings };
  return ok({ status: 200, body, headers: { etag: `"v${venue.ver}"` } });
}

/** What is sent of a large answer, and how long it may be kept. */
export interface Packed {
  /** Entity tag without quotes: what the content follows from. */
  readonly tag: string;
  readonly keep: keyof typeof KEEP;
  readonly mediaType?: string;
  /** Made only for who does not have it yet. */
  readonly content: () => string;
  /** The same with less that nobody needs, for content that even packed is more than Lambda hands on. */
  readonly smaller?: () => string;
  /** Where what was packed is kept, for an answer that many get. */
  readonly kept?: Map<Encoding | undefined, Sent>;
}

type Encoding = 'br' | 'gzip';

/** A text as it is sent. */
interface Sent {
  readonly encoding?: Encoding;
  readonly bytes: Uint8Array;
}

/** Lambda hands on 6 MB, in which bytes take four thirds of themselves. */
const MOST_BYTES = Math.floor((6 * 1024 * 1024 - 16 * 1024) * 0.75);

/**
 * Answers with a large text, packed here: the gateway packs nothing. 304 to whoever has it already. What is
 * too large to be sent as it is comes as gzip, asked for or not. The tag is strong, so it differs by encoding.
 */
export function packed(
  { tag, keep, mediaType = JSON_TYPE, content, smaller, kept }: Packed,
  headers: RequestHeaders,
): Answer {
  const about = { 'cache-control': KEEP[keep], vary: 'Accept-Encoding' };
  const tags = ENCODINGS.map((encoding) => tagFor(tag, encoding));
  const had = tags.find((each) => names(headers['if-none-match'], each));
  if (had !== undefined) return { status: 304, headers: { ...about, etag: had } };
  const wanted = encodingIn(headers['accept-encoding'] ?? '');
  let sent = kept?.get(wanted) ?? pack(content(), wanted);
  if (sent.bytes.length > MOST_BYTES && smaller !== undefined) sent = pack(smaller(), 'gzip');
  kept?.set(wanted, sent);
  const { encoding, bytes } = sent;
  const encoded = encoding === undefined ? {} : { 'content-encoding': encoding };
  return { status: 200, file: { bytes, mediaType }, headers: { ...about, etag: tagFor(tag, encoding), ...encoded } };
}

const JSON_TYPE = 'application/json; charset=utf-8';
const ENCODINGS = [undefined, 'br', 'gzip'] as const;

function tagFor(tag: string, encoding: Encoding | undefined): string {
  return encoding === undefined ? `"${tag}"` : `"${tag}-${encoding}"`;
}

/** The encoding to send to who accepts `accepted`. */
function encodingIn(accepted: string): Encoding | undefined {
  return ENCODINGS.find((encoding) => encoding !== undefined && new RegExp(`\\b${encoding}\\b`).test(accepted));
}

function pack(text: string, encoding: Encoding | undefined): Sent {
  const bytes = Buffer.from(text);
  if (encoding === 'br')
    return { encoding, bytes: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }) };
  return encoding === 'gzip' || bytes.length > MOST_BYTES ? { encoding: 'gzip', bytes: gzipSync(bytes) } : { bytes };
}

/** Whether a list of entity tags names `tag`, compared weakly: whoever packs on the way may have weakened it. */
function names(list: string | undefined, tag: string): boolean {
  if (list === undefined) return false;
  return list.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag);
}

/** Answers with a plan in pretix' JSON, to its organizers. */
export function answerExport(found: Result<StoredPlan, Problem>, headers: RequestHeaders): Result<Answer, Problem> {
  if (!found.ok) return found;
  const { planId, plan } = found.value;
  const exported = {
    tag: planId,
    keep: 'privately',
    content: () => JSON.stringify(exportPlan(plan)),
    // The schema lets seats do without; only plans near 100,000 seats with random ids come to this.
    smaller: () => JSON.stringify(exportPlan(plan, { seatUuids: false })),
  } as const;
  return ok(packed(exported, headers));
}

/** Answers with a plan's drawing, to everybody. */
export function answerDrawing(found: Result<StoredPlan, Problem>, headers: RequestHeaders): Result<Answer, Problem> {
  if (!found.ok) return found;
  const { planId, plan } = found.value;
  return ok(packed({ tag: planId, keep: 'forever', content: () => JSON.stringify(geometryOf(planId, plan)) }, headers));
}

/** Answers with a plan's picture, to everybody. */
export function answerPicture(found: Result<StoredPlan, Problem>, headers: RequestHeaders): Result<Answer, Problem> {
  if (!found.ok) return found;
  const { planId, plan } = found.value;
  const picture = { tag: planId, keep: 'forever', mediaType: 'image/svg+xml', content: () => drawPlan(plan) } as const;
  return ok(packed(picture, headers));
}

/** An answer with all seats, as everybody gets it who asks while its snapshot is fresh. */
interface Whole {
  readonly tag: string;
  readonly text: string;
  readonly kept: NonNullable<Packed['kept']>;
}

const wholes = new WeakMap<SeatsSnapshot, Whole>();

/**
 * Answers with the seats of an event, to everybody; with `since`, only with the rows that may have changed after
 * that version. The tag follows from the content, for two changes within one millisecond have the same version.
 */
export function answerSeats(
  found: Result<SeatsSnapshot, Problem>,
  since: number | undefined,
  headers: RequestHeaders,
): Result<Answer, Problem> {
  if (!found.ok) return found;
  const snapshot = found.value;
  if (since === undefined) {
    const whole = wholes.get(snapshot) ?? wholeOf(snapshot);
    wholes.set(snapshot, whole);
    return ok(packed({ tag: whole.tag, keep: 'live', content: () => whole.text, kept: whole.kept }, headers));
  }
  const text = JSON.stringify(viewSeats(snapshot, { rows: changedSince(snapshot.rows, since), since }));
  return ok(packed({ tag: shortHash(text), keep: 'live', content: () => text }, headers));
}

function wholeOf(snapshot: SeatsSnapshot): Whole {
  const text = JSON.stringify(viewSeats(snapshot));
  return { tag: shortHash(text), text, kept: new Map() };
}
