import type { Place } from '../users/recipients.ts';
import { tokenOf } from '../users/tokens.ts';
import type { Offer } from './domain/transfer.ts';
import { offerKey } from './keys.ts';

// What delivery offers about offered tickets to whoever writes their mails.

/** Where the address of an offer lies. */
export function inOffer(ticketId: string): Place {
  return { key: offerKey(ticketId), attribute: 'email' };
}

/** The page on which an offered ticket is accepted; id and token are in its fragment. */
export function offerLink(publicUrl: string, key: Uint8Array, ticketId: string, { nonce }: Offer): string {
  return `${publicUrl}/ticket-transfer#ticket=${ticketId}&token=${tokenOf(key, 'ticket-transfer', ticketId, nonce)}`;
}
