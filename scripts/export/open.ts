import { Decrypter } from 'age-encryption';
import { writeFileSync } from 'node:fs';

/** What makes a file age's (age-encryption.org/v1). */
const MAGIC = 'age-encryption.org/v1';

/** An export could not be opened, for a reason that its holder can do something about. */
export class CannotOpenError extends Error {
  override readonly name = 'CannotOpenError';
}

/** Whether `bytes` are an encrypted export. */
export function isEncrypted(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;
}

/**
 * The JSON text of an export, decrypted where it is encrypted.
 *
 * @param askPassphrase asked only for an encrypted one
 * @throws CannotOpenError for a wrong passphrase or what is no export
 */
export async function openExport(bytes: Uint8Array, askPassphrase: () => Promise<string>): Promise<string> {
  const text = isEncrypted(bytes) ? await decrypt(bytes, await askPassphrase()) : Buffer.from(bytes).toString('utf8');
  let format: unknown;
  try {
    const parsed: unknown = JSON.parse(text);
    format = typeof parsed === 'object' && parsed !== null && 'format' in parsed ? parsed.format : undefined;
  } catch {
    format = undefined;
  }
  if (format !== 'onsale.person') throw new CannotOpenError('This is no export of Onsale.');
  return text;
}

async function decrypt(bytes: Uint8Array, passphrase: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(bytes, 'text');
  } catch {
    throw new CannotOpenError('The passphrase is another one, or the file is damaged.');
  }
}

/** Writes what was opened for its owner's eyes only, and never over a file that is there. */
export function saveOpened(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}
