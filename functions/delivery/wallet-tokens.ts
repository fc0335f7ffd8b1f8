import { MINUTE, type Instant } from '../shared/kernel/clock.ts';
import { isTokenOf, tokenOf } from '../users/tokens.ts';
import type { Ticket } from './contract.ts';
import { fetchApplePass } from './wallet-contract.ts';

type Coded = Pick<Ticket, 'ticketId' | 'ticketVersion'>;

/**
 * How long the address of a pass works. Phones put a pass into their wallet when they are led to it, which they are by no
 * more than an address: so there is one with a token in it, for so short a time.
 */
export const PASS_ADDRESS_LIVES_MS = 10 * MINUTE;

/** The address at which a ticket's pass is fetched without a log-in. A new code, another holder or a return revokes it. */
export function passAddress(publicUrl: string, key: Uint8Array, ticket: Coded, now: Instant): string {
  const until = now + PASS_ADDRESS_LIVES_MS;
  const query = new URLSearchParams({
    token: tokenOf(key, 'pass-file', ...named(ticket, until)),
    until: String(until),
  });
  return `${publicUrl}${fetchApplePass.path}?${query.toString()}`;
}

/** Whether `token` is of an address of this ticket that works until `until`, and does still. */
export function isPassAddressOf(key: Uint8Array, ticket: Coded, token: string, until: Instant, now: Instant): boolean {
  return now < until && isTokenOf(key, 'pass-file', ...named(ticket, until), token);
}

function named({ ticketId, ticketVersion }: Coded, until: Instant): [string, string] {
  return [ticketId, `${ticketVersion}.${until}`];
}
