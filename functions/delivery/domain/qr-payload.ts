import { decodeUlid, encodeUlid, ULID_PATTERN } from '../../shared/kernel/ids.ts';
import type { QrPayload } from '../contract.ts';

/** Bytes before the access level: key id 1, ticket version 2, event id 16, ticket id 16, validity end 4. */
const FIXED_BYTES = 39;
const MOST_LEVEL_BYTES = 32;
const LATEST_SECOND = 0xff_ff_ff_ff;

/**
 * Packs `payload` into at most 71 bytes, big-endian. An access level beyond 32 bytes of UTF-8 is cut at a
 * character, for offline scanners; online the ticket's row counts.
 *
 * @throws where an id is no ULID or the version does not fit: a ticket must never have been made so
 */
export function packPayload(payload: QrPayload): Uint8Array {
  const { keyId, eventId, ticketId, ticketVersion, validUntil } = payload;
  if (!ULID_PATTERN.test(eventId) || !ULID_PATTERN.test(ticketId))
    throw new Error('A QR code carries ids in ULID form');
  if (!Number.isInteger(ticketVersion) || ticketVersion < 1 || ticketVersion > 0xff_ff)
    throw new Error(`Ticket version ${ticketVersion}`);
  const level = cutText(payload.accessLevel, MOST_LEVEL_BYTES);
  const bytes = new Uint8Array(FIXED_BYTES + level.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, keyId);
  view.setUint16(1, ticketVersion);
  bytes.set(decodeUlid(eventId), 3);
  bytes.set(decodeUlid(ticketId), 19);
  view.setUint32(35, Math.min(LATEST_SECOND, Math.max(0, Math.floor(validUntil / 1_000))));
  bytes.set(level, FIXED_BYTES);
  return bytes;
}

/** The payload in `bytes`, or undefined where they are none. Says nothing about who made them. */
export function unpackPayload(bytes: Uint8Array): QrPayload | undefined {
  if (bytes.length < FIXED_BYTES || bytes.length > FIXED_BYTES + MOST_LEVEL_BYTES) return undefined;
  const accessLevel = readText(bytes.subarray(FIXED_BYTES));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ticketVersion = view.getUint16(1);
  if (accessLevel === undefined || ticketVersion === 0) return undefined;
  return {
    keyId: view.getUint8(0),
    ticketVersion,
    eventId: encodeUlid(bytes.subarray(3, 19)),
    ticketId: encodeUlid(bytes.subarray(19, 35)),
    validUntil: view.getUint32(35) * 1_000,
    accessLevel,
  };
}

function cutText(text: string, mostBytes: number): Uint8Array {
  // Lone surrogates become U+FFFD in UTF-8, so what is read back is what was written.
  const bytes = new Uint8Array(mostBytes);
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return bytes.subarray(0, written);
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
