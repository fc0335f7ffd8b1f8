import { shortHash } from '../kernel/hash.ts';
import type { Answer } from './http.ts';

/** Header names in lower case, as requests have them. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/**
 * How long anybody may keep an answer that is the same for everybody. Availability may be shown 5 s late;
 * what hardly changes may be 5 minutes old (seed 002 requirement 14).
 */
export const KEEP = {
  live: 'public, max-age=5',
  minutes: 'public, max-age=60, stale-while-revalidate=240',
  never: 'no-store',
} as const;

/**
 * An answer with its ETag; 304 without a body when the client has it already (RFC 9110, 13.1.2). What a
 * session sees is never mixed up with what everybody sees, whoever caches on the way.
 *
 * @param version of the row that is shown: the ETag begins with it, and If-Match looks at nothing else, so that
 *   a ticket sold meanwhile does not refuse an edit
 */
export function conditionally(
  headers: RequestHeaders,
  answer: Answer,
  keep: keyof typeof KEEP,
  version?: number,
): Answer {
  const content = answer.file === undefined ? JSON.stringify(answer.body) : Buffer.from(answer.file.bytes).toString();
  const tag = `"${version === undefined ? '' : `v${version}-`}${shortHash(content)}"`;
  const about = {
    ...answer.headers,
    'cache-control': KEEP[keep],
    vary: 'Authorization, Cookie, X-Access-Code',
    etag: tag,
  };
  return names(headers['if-none-match'], tag) ? { status: 304, headers: about } : { ...answer, headers: about };
}

/** Whether a list of entity tags names `tag`, compared weakly. */
function names(list: string | undefined, tag: string): boolean {
  if (list === undefined) return false;
  if (list.trim() === '*') return true;
  return list.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

/**
 * The version that `If-Match` asks for: of an ETag of ours, or `"v7"` alone.
 *
 * @returns undefined without the header; `any` for `*`; `none` where it names no version of ours
 */
export function versionAsked(ifMatch: string | undefined): number | 'any' | 'none' | undefined {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return 'any';
  const version = /^\s*(?:W\/)?"v(\d{1,9})(?:-[\w-]{22})?"\s*$/.exec(ifMatch)?.[1];
  return version === undefined ? 'none' : Number(version);
}
