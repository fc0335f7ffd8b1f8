import { Encrypter } from 'age-encryption';

import { problem, ProblemError } from '../shared/kernel/problems.ts';

/** Header by which the one who asks names a passphrase; it is never logged nor kept. */
const HEADER = 'x-export-passphrase';

/** Headers carry visible ASCII; the lower bound is that of passwords. */
const PASSPHRASE = /^[\x21-\x7e][\x20-\x7e]{10,198}[\x21-\x7e]$/;

/**
 * 2^17 of scrypt with r = 8, p = 1: OWASP's minimum for passwords (Password Storage Cheat Sheet). It takes
 * 128 MiB and about a second.
 */
const SCRYPT_LOG_N = 17;

/** That second is the system's: a person has it spent so often at most, one part of a long export after the other. */
export const ENCRYPTED_EVERY_MS = 10_000;

/**
 * The passphrase that a request names, or undefined.
 *
 * @throws ProblemError INVALID_INPUT, which does not repeat it
 */
export function passphraseIn(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = headers[HEADER];
  if (given === undefined || PASSPHRASE.test(given)) return given;
  throw new ProblemError(
    problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
      errors: [
        {
          path: `header.${HEADER}`,
          message: 'Use 12 to 200 visible ASCII characters; blanks may stand between them',
        },
      ],
    }),
  );
}

/** `text` as an age file (age-encryption.org/v1) that opens with `passphrase`, in whatever tool knows age. */
export async function encryptUnder(passphrase: string, text: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  encrypter.setPassphrase(passphrase);
  return encrypter.encrypt(text);
}
