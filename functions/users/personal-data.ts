import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { readKey } from '../shared/runtime/secrets.ts';

/**
 * The one place where names and addresses turn into what lies in the table and back.
 *
 * Interim: all accounts share one AES-256-GCM key, kept as a secret parameter. So nothing personal lies
 * in the table in the clear, but one person's data cannot yet be erased by destroying a key. Keys of each
 * person, wrapped by KMS, come with the work on accounts; they need only this module to change, and the
 * `gcm1` in front of each value tells old from new.
 */
export interface PersonalData {
  /** Encrypts `text`, bound to this person and field: moved elsewhere it does not open. */
  seal(userId: string, field: PersonalField, text: string): Promise<string>;
  /** What {@link seal} encrypted. @throws when it was sealed for another person or field, or changed */
  open(userId: string, field: PersonalField, sealed: string): Promise<string>;
}

export type PersonalField = 'email' | 'firstName' | 'lastName';

const SCHEME = 'gcm1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Personal data under the key in parameter `parameter` (kind `random-32-bytes`), read when first needed. */
export function personalDataUnder(parameter: string): PersonalData {
  return {
    seal: async (userId, field, text) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', await readKey(parameter), nonce);
      cipher.setAAD(contextOf(userId, field));
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return SCHEME + Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url');
    },
    open: async (userId, field, sealed) => {
      if (!sealed.startsWith(SCHEME)) throw new Error('Personal data sealed by an unknown scheme');
      const bytes = Buffer.from(sealed.slice(SCHEME.length), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', await readKey(parameter), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(contextOf(userId, field));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
        'utf8',
      );
    },
  };
}

function contextOf(userId: string, field: PersonalField): Buffer {
  return Buffer.from(JSON.stringify([userId, field]));
}
