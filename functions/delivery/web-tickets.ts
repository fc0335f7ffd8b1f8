import { isTokenOf, tokenOf, userOfToken } from '../users/tokens.ts';
import type { Ticket } from './contract.ts';

/** What a ticket's link says of it: a new code, another holder or a return, and the link is dead with the code. */
type Linked = Pick<Ticket, 'ticketId' | 'ticketVersion'>;

/**
 * The token of a ticket's link: its id and an HMAC over id and version. Nothing is stored for it, and nobody can make one
 * without the key. It shows what the code lets in for, so it is revoked as the code is, by a new one.
 *
 * @param key of the secret parameter of links
 */
export function tokenOfTicket(key: Uint8Array, { ticketId, ticketVersion }: Linked): string {
  return tokenOf(key, 'ticket', ticketId, String(ticketVersion));
}

/** The id in a token; it proves nothing yet. */
export function ticketIdInToken(token: string): string | undefined {
  return userOfToken(token);
}

/** Whether `token` is of the ticket as it is now. */
export function isLinkOf(key: Uint8Array, { ticketId, ticketVersion }: Linked, token: string): boolean {
  return isTokenOf(key, 'ticket', ticketId, String(ticketVersion), token);
}

/** The page that shows a ticket without a log-in; its token is in the fragment, which browsers send to nobody. */
export function ticketLink(publicUrl: string, key: Uint8Array, ticket: Linked): string {
  return `${publicUrl}/ticket#token=${tokenOfTicket(key, ticket)}`;
}
