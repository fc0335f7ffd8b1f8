import { createHmac } from 'node:crypto';

import { MINUTE, type Instant } from '../shared/kernel/clock.ts';
import { isTokenOf, tokenOf } from '../users/tokens.ts';
import type { Ticket } from './contract.ts';
import { serialOf } from './domain/pass.ts';
import { PASS_SERVICE } from './wallet-contract.ts';

type Coded = Pick<Ticket, 'ticketId' | 'ticketVersion'>;

/**
 * How long the address of a pass works. Phones put a pass into their wallet when they are led to it, which they are by no
 * more than an address: so there is one with a token in it, for so short a time.
 */
export const PASS_ADDRESS_LIVES_MS = 10 * MINUTE;

/** The address at which a ticket's pass is fetched without a log-in. A new code, another holder or a return revokes it. */
export function passAddress(
  { publicUrl, key, passType }: { readonly publicUrl: string; readonly key: Uint8Array; readonly passType: string },
  ticket: Coded,
  now: Instant,
): string {
  const until = now + PASS_ADDRESS_LIVES_MS;
  const query = new URLSearchParams({
    token: tokenOf(key, 'pass-file', ...named(ticket, until)),
    until: String(until),
  });
  return `${publicUrl}${PASS_SERVICE}/v1/passes/${passType}/${serialOf(ticket)}?${query.toString()}`;
}

/** Whether `token` is of an address of this ticket that works until `until`, and does still. */
export function isPassAddressOf(key: Uint8Array, ticket: Coded, token: string, until: Instant, now: Instant): boolean {
  return now < until && isTokenOf(key, 'pass-file', ...named(ticket, until), token);
}

function named({ ticketId, ticketVersion }: Coded, until: Instant): [string, string] {
  return [ticketId, `${ticketVersion}.${until}`];
}

/**
 * The token in a pass, by which a phone asks for its latest state: of this ticket's one code, so that it is worth nothing for the
 * next one or for its next holder's. Apple's phones keep it as long as the pass.
 */
export function passToken(key: Uint8Array, { ticketId, ticketVersion }: Coded): string {
  return tokenOf(key, 'apple-pass', ticketId, String(ticketVersion));
}

/** Whether `authorization` is that of a phone that has the pass (`ApplePass` and its token), compared in constant time. */
export function isPassToken(key: Uint8Array, pass: Coded, authorization: string | undefined): boolean {
  const [, token = ''] = /^ApplePass ([\w-]{64})$/.exec(authorization ?? '') ?? [];
  return isTokenOf(key, 'apple-pass', pass.ticketId, String(pass.ticketVersion), token);
}

/** What a phone is known by: its name for itself is good for asking which passes it has, so it is kept as a keyed hash. */
export function deviceHash(key: Uint8Array, device: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['pass-device', device]))
    .digest('base64url');
}
