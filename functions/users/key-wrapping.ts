import type { KMSClient } from '@aws-sdk/client-kms';
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { readKey, SecretUnavailableError } from '../shared/runtime/secrets.ts';

/**
 * Makes and unwraps the data keys of persons. A wrapped key is bound to its person: under another's id it
 * does not unwrap. The text in front of it names who wrapped it, so that a stage may change its way.
 */
export interface KeyWrapping {
  /** A new data key of 32 bytes, in the clear and wrapped. @throws SecretUnavailableError */
  make(userId: string): Promise<{ readonly key: Uint8Array; readonly wrapped: string }>;
  /** The data key in `wrapped`. @throws SecretUnavailableError when it cannot be asked for now; Error when it is forged */
  unwrap(userId: string, wrapped: string): Promise<Uint8Array>;
}

const BY_KMS = 'kms1:';
const BY_SECRET = 'ssm1:';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The wrapping of a stage: under the one KMS key, or, in a stage that has none because of its price at rest,
 * under a key derived from the secret parameter (ADR 14). Either unwraps what the other wrapped.
 *
 * @param kmsKey ARN or alias of the KMS key; empty for none
 * @param parameter secret parameter of the kind `random-32-bytes`
 */
export function keyWrapping(
  kmsKey: string,
  parameter: string,
  client: () => KMSClient | Promise<KMSClient> = kmsClient,
): KeyWrapping {
  const secret = wrappingUnderSecret(parameter);
  let kms: ReturnType<typeof client> | undefined;
  const throughKms = async (): Promise<KMSClient> => (kms ??= client());
  return {
    make: async (userId) => (kmsKey === '' ? secret.make(userId) : makeUnderKms(await throughKms(), kmsKey, userId)),
    unwrap: async (userId, wrapped) => {
      if (wrapped.startsWith(BY_SECRET)) return secret.unwrap(userId, wrapped);
      if (wrapped.startsWith(BY_KMS) && kmsKey !== '') return unwrapByKms(await throughKms(), kmsKey, userId, wrapped);
      throw new Error('A data key wrapped in a way that this stage does not know');
    },
  };
}

/**
 * Loaded when somebody's key is first asked for: functions that sell and show tickets open names only where there are
 * some, and should not start later for it (ADR 6).
 */
const sdk = () => import('@aws-sdk/client-kms');

/** Well within what an HTTP request may take, with one more try. */
async function kmsClient(): Promise<KMSClient> {
  const { KMSClient } = await sdk();
  return new KMSClient({ maxAttempts: 2, requestHandler: { requestTimeout: 1_500, connectionTimeout: 1_000 } });
}

/** KMS logs the encryption context in CloudTrail: an id, never anything personal. */
const contextOf = (userId: string): Record<string, string> => ({ userId });

async function makeUnderKms(client: KMSClient, KeyId: string, userId: string): ReturnType<KeyWrapping['make']> {
  const { GenerateDataKeyCommand } = await sdk();
  const command = new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: contextOf(userId) });
  const { Plaintext: key, CiphertextBlob: blob } = await asked(() => client.send(command));
  if (key?.length !== KEY_BYTES || blob === undefined) throw new Error('KMS answered without a data key');
  return { key, wrapped: BY_KMS + Buffer.from(blob).toString('base64url') };
}

async function unwrapByKms(client: KMSClient, KeyId: string, userId: string, wrapped: string): Promise<Uint8Array> {
  const { DecryptCommand } = await sdk();
  const command = new DecryptCommand({
    KeyId,
    CiphertextBlob: Buffer.from(wrapped.slice(BY_KMS.length), 'base64url'),
    EncryptionContext: contextOf(userId),
  });
  const { Plaintext: key } = await asked(() => client.send(command));
  if (key?.length !== KEY_BYTES) throw new Error('KMS answered without a data key');
  return key;
}

/** What KMS says of a ciphertext that is not this key's or not this person's: trying again helps nobody. */
const FORGED = new Set(['InvalidCiphertextException', 'IncorrectKeyException', 'ValidationException']);

async function asked<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Error && FORGED.has(error.name)) throw error;
    throw new SecretUnavailableError('KMS did not give a data key', { cause: error });
  }
}

function wrappingUnderSecret(parameter: string): KeyWrapping {
  // The parameter's bytes themselves sealed values of the scheme gcm1; one key has one use.
  const wrappingKey = async (): Promise<Uint8Array> =>
    new Uint8Array(hkdfSync('sha256', await readKey(parameter), '', 'onsale: wraps data keys of persons', KEY_BYTES));
  return {
    make: async (userId) => {
      const key = randomBytes(KEY_BYTES);
      return { key, wrapped: BY_SECRET + encrypt(await wrappingKey(), JSON.stringify(contextOf(userId)), key) };
    },
    unwrap: async (userId, wrapped) =>
      decrypt(await wrappingKey(), JSON.stringify(contextOf(userId)), wrapped.slice(BY_SECRET.length)),
  };
}

/**
 * AES-256-GCM under a random nonce: nonce, tag and ciphertext in base64url. 2^32 values under one key are
 * the bound for random nonces (NIST SP 800-38D section 8.3); a person has a few dozen.
 *
 * @param context authenticated, not encrypted: the ciphertext opens in this place only
 */
export function encrypt(key: Uint8Array, context: string, plain: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url');
}

/** What {@link encrypt} encrypted. @throws when key, context or ciphertext is another */
export function decrypt(key: Uint8Array, context: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
