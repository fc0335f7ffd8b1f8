/** Key rings: several live keys, of which the current one is used and all are accepted. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';

const ring = z.object({ current: z.string(), keys: z.record(z.string(), z.string()) });

/** Key id → 64 hex digits. */
export type KeyRing = z.infer<typeof ring>;

/** Reads a ring as its parameter keeps it. @throws when it is none */
export function parseRing(value: string): KeyRing {
  return ring.parse(JSON.parse(value));
}

/** A ring with one new key. */
export function newRing(): KeyRing {
  const id = randomBytes(4).toString('hex');
  return { current: id, keys: { [id]: randomBytes(32).toString('hex') } };
}

/**
 * The next ring: a new key is current, the one that was stays live until the next rotation, older ones are
 * gone. Nothing that was made with the current key stops working at once.
 */
export function rotateRing({ current, keys }: KeyRing): KeyRing {
  const next = newRing();
  const kept = keys[current];
  return { current: next.current, keys: { ...(kept === undefined ? {} : { [current]: kept }), ...next.keys } };
}
