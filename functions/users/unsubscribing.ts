import { optionalNews, type OptionalNews } from './person-fields.ts';
import { isTokenOf, tokenOf, userOfToken } from './tokens.ts';

// What `users` offers to whoever writes mails that their readers may do without.

/**
 * The token by which a person stops one kind of news: their id, and an HMAC over it and the kind. Nothing is stored for it,
 * and nobody can make one without the key. It lives as long as the key, since mails are kept for years, and can do nothing
 * but this.
 *
 * @param key of the secret parameter of links
 */
export function unsubscribeToken(key: Uint8Array, userId: string, kind: OptionalNews): string {
  return tokenOf(key, 'unsubscribe', userId, kind);
}

/** Who stops what by `token`; undefined for whatever is no such token. */
export function unsubscribedBy(
  key: Uint8Array,
  token: string,
): { readonly userId: string; readonly kind: OptionalNews } | undefined {
  const userId = userOfToken(token);
  if (userId === undefined) return undefined;
  const kind = optionalNews.options.find((each) => isTokenOf(key, 'unsubscribe', userId, each, token));
  return kind === undefined ? undefined : { userId, kind };
}

/** The two ways out of a mail: for mail programs, which post to it (RFC 8058), and for its reader, who opens a page. */
export interface WayOut {
  /** With the token in the query, since programs send no fragment. */
  readonly oneClick: string;
  /** With the token in the fragment, which browsers send to nobody. */
  readonly page: string;
}

/** @param publicUrl without a slash at its end */
export function wayOut(publicUrl: string, key: Uint8Array, userId: string, kind: OptionalNews): WayOut {
  const token = unsubscribeToken(key, userId, kind);
  const page = `${publicUrl}/unsubscribe`;
  return { oneClick: `${page}?token=${token}`, page: `${page}#token=${token}` };
}
