import { createHmac, timingSafeEqual } from 'node:crypto';

import { canonicalJson } from '../kernel/hash.ts';
import { problem, ProblemError } from '../kernel/problems.ts';

/** What a cursor belongs to: it works for the same list, asked by the same caller, and for nothing else. */
export interface CursorScope {
  /** The route's id. */
  readonly route: string;
  /** The query but for `cursor` and `limit`: filters and sorting. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Whose list it is; left out for a list that is the same for everybody, so that it can be cached. */
  readonly callerId?: string;
}

const MAC_BYTES = 16;

/**
 * An opaque cursor for `position`, the sort key after which the next page begins.
 *
 * @param key from the parameter named by `CURSOR_KEY_PARAMETER`
 * @returns base64url, about 4/3 of the position's length plus 22 characters
 */
export function encodeCursor(key: Uint8Array, scope: CursorScope, position: string): string {
  return Buffer.concat([macOf(key, scope, position), Buffer.from(position, 'utf8')]).toString('base64url');
}

/**
 * The position that {@link encodeCursor} put into `cursor`.
 *
 * @throws ProblemError INVALID_INPUT at `query.cursor` for whatever we did not hand out for this very list
 */
export function decodeCursor(key: Uint8Array, scope: CursorScope, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(MAC_BYTES).toString('utf8');
  const mac = bytes.subarray(0, MAC_BYTES);
  // Decoding skips what is no base64url; only the text that we wrote ourselves counts.
  const ours = bytes.toString('base64url') === cursor && bytes.length > MAC_BYTES;
  if (!ours || !timingSafeEqual(mac, macOf(key, scope, position))) {
    throw new ProblemError(
      problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
        errors: [{ path: 'query.cursor', message: 'Use nextCursor of the same list as it was given' }],
      }),
    );
  }
  return position;
}

function macOf(key: Uint8Array, scope: CursorScope, position: string): Buffer {
  return createHmac('sha256', key)
    .update(canonicalJson([scope, position]))
    .digest()
    .subarray(0, MAC_BYTES);
}
