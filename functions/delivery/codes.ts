import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';

import { err, ok, type Result } from '../shared/kernel/result.ts';
import { readSecret } from '../shared/runtime/secrets.ts';
import type { QrPayload, QrSubject } from './contract.ts';
import { decodeBase45, encodeBase45 } from './domain/base45.ts';
import { packPayload, unpackPayload } from './domain/qr-payload.ts';

/**
 * The text of a ticket's QR code: a prefix that names format and version, then base45 of the payload and
 * an Ed25519 signature (RFC 8032) over prefix and payload. About 160 characters: QR version 6 to 8
 * at level M. Each event has its own key, so a leaked one opens one event, and a scanner can carry the
 * public key of its event for admission without a network.
 */
const PREFIX = 'OT1:';
const SIGNATURE_BYTES = 64;
const SEED_BYTES = 32;
/** Longer than any code of ours; nothing beyond it is even decoded. */
const LONGEST_TEXT = 300;
/** DER of an Ed25519 private key (RFC 8410) up to its 32 bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Seeds that events' keys derive from: the first signs, all verify, so that a seed can be rotated. */
export type TicketSeeds = readonly [Uint8Array, ...(readonly Uint8Array[])];

/** Why a text is no ticket of ours; the gate says FORGED to each. */
export interface Forged {
  readonly code: 'FORGED';
  readonly flaw: 'NOT_A_TICKET' | 'MALFORMED' | 'UNKNOWN_KEY' | 'BAD_SIGNATURE';
}

/**
 * Reads the seeds from SSM parameter `name`: 64 hex digits, or several such, newest first and separated by
 * commas, after a rotation.
 *
 * @throws when the parameter holds anything else
 */
export async function readTicketSeeds(name: string): Promise<TicketSeeds> {
  const [current, ...older] = (await readSecret(name)).split(',').map(parseSeed);
  if (current === undefined) throw new Error(`Parameter ${name} holds no seed`);
  return [current, ...older];
}

function parseSeed(text: string): Uint8Array {
  const seed = Buffer.from(text.trim(), 'hex');
  if (seed.length !== SEED_BYTES) throw new Error('A ticket seed is 64 hex digits');
  return seed;
}

/** The text of the QR code for `subject`, always the same for the same seed. */
export function signQr([seed]: TicketSeeds, subject: QrSubject): string {
  const payload = packPayload({ ...subject, keyId: keyIdOf(seed) });
  const signature = sign(null, signedBytes(payload), privateKeyOf(seed, subject.eventId));
  return PREFIX + encodeBase45(Buffer.concat([payload, signature]));
}

/**
 * What the QR code `text` says, if we signed it under one of `seeds`. It says nothing about whether the
 * ticket still admits anybody: that is on its row.
 */
export function verifyQr(seeds: TicketSeeds, text: string): Result<QrPayload, Forged> {
  if (!text.startsWith(PREFIX) || text.length > LONGEST_TEXT) return forged('NOT_A_TICKET');
  const bytes = decodeBase45(text.slice(PREFIX.length));
  if (bytes === undefined || bytes.length <= SIGNATURE_BYTES) return forged('MALFORMED');
  const body = bytes.subarray(0, -SIGNATURE_BYTES);
  const payload = unpackPayload(body);
  if (payload === undefined) return forged('MALFORMED');
  const candidates = seeds.filter((seed) => keyIdOf(seed) === payload.keyId);
  if (candidates.length === 0) return forged('UNKNOWN_KEY');
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  const genuine = candidates.some((seed) =>
    verify(null, signedBytes(body), createPublicKey(privateKeyOf(seed, payload.eventId)), signature),
  );
  return genuine ? ok(payload) : forged('BAD_SIGNATURE');
}

/** The 32 bytes of the public key that verifies an event's tickets, for scanners without a network. */
export function publicKeyOf(seed: Uint8Array, eventId: string): Uint8Array {
  const spki = createPublicKey(privateKeyOf(seed, eventId)).export({ format: 'der', type: 'spki' });
  return spki.subarray(-32);
}

function forged(flaw: Forged['flaw']): Result<never, Forged> {
  return err({ code: 'FORGED', flaw });
}

function signedBytes(payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(PREFIX), payload]);
}

/** One byte that tells seeds apart; a clash only costs a second verification. */
function keyIdOf(seed: Uint8Array): number {
  return createHash('sha256').update('onsale ticket key id').update(seed).digest()[0] ?? 0;
}

/** The event's signing key: 32 bytes by HKDF-SHA-256 (RFC 5869) from the seed are an Ed25519 private key. */
function privateKeyOf(seed: Uint8Array, eventId: string): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', seed, '', `onsale ticket signing key v1 ${eventId}`, SEED_BYTES));
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bytes]), format: 'der', type: 'pkcs8' });
}
