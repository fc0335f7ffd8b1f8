import { createHmac } from 'node:crypto';

import { readSecret } from '../shared/runtime/secrets.ts';
import { normalizeEmail } from './domain/email.ts';

/** The key in parameter `name`, of the kind `random-32-bytes`. @throws when it is anything else */
export async function readKey(name: string): Promise<Uint8Array> {
  const hex = await readSecret(name);
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error(`Parameter ${name} must hold 64 hex digits`);
  return Buffer.from(hex, 'hex');
}

/**
 * The name under which an address is found: without `key` nobody can tell from the table whether an
 * address has an account, not even by trying all that they know.
 */
export function hashAddress(key: Uint8Array, address: string): string {
  return createHmac('sha256', key).update(normalizeEmail(address)).digest('base64url');
}
