import { createPrivateKey, X509Certificate } from 'node:crypto';

import { readSecret, rereadSecret, SecretUnavailableError } from '../../shared/runtime/secrets.ts';
import { NOT_SET_UP } from '../wallet-contract.ts';

/** Under whose name passes are signed. */
export interface AppleAccount {
  /** Such as `pass.com.example.tickets`; the certificate says it. */
  readonly passTypeIdentifier: string;
  /** Ten letters and digits; the certificate says it. */
  readonly teamIdentifier: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  /** Apple's, that has signed the certificate (WWDR). */
  readonly issuer: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads the account from its two parameters. While both are exchanged for others, one may be of before: they are then read anew.
 *
 * @throws SecretUnavailableError while they do not belong together
 */
export async function readAppleAccountFrom(key: string, certificates: string): Promise<AppleAccount | undefined> {
  try {
    return readAppleAccount(await readSecret(key), await readSecret(certificates));
  } catch (error) {
    if (error instanceof SecretUnavailableError) throw error;
    try {
      return readAppleAccount(await rereadSecret(key), await rereadSecret(certificates));
    } catch (cause) {
      throw new SecretUnavailableError(`${key} and ${certificates} do not belong together`, { cause });
    }
  }
}

/**
 * Reads the account from its two secrets. What a pass has to agree with its certificate on is taken from the certificate:
 * its UID is the pass type, its OU the team (https://developer.apple.com/documentation/walletpasses/building-a-pass).
 *
 * @returns undefined where the operator has no account
 * @throws when the secrets are no key and certificates, or do not belong together: setup has checked that they do
 */
export function readAppleAccount(key: string, certificates: string): AppleAccount | undefined {
  if (key === NOT_SET_UP || certificates === NOT_SET_UP) return undefined;
  const [certificate, issuer] = certificates.match(CERTIFICATE) ?? [];
  if (certificate === undefined || issuer === undefined) throw new Error('The certificates of passes are not two');
  const parsed = new X509Certificate(certificate);
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('The key of passes is not of their certificate');
  const subject = new Map(
    parsed.subject
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const passTypeIdentifier = subject.get('UID');
  const teamIdentifier = subject.get('OU');
  if (passTypeIdentifier === undefined || teamIdentifier === undefined)
    throw new Error('The certificate of passes names no pass type or no team');
  return { passTypeIdentifier, teamIdentifier, key, certificate, issuer };
}
