/**
 * The account of Apple Wallet: a private key and the two certificates that passes are signed with, or `none` where the operator
 * has none. The two are told apart and held against each other before anything is stored, since no phone says why it refuses a pass.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import { SetupError } from '../errors.ts';
import { readSecret, replaceSecret, secretOfKind } from '../parameters.ts';
import type { Context, Step, StepStatus } from '../plan.ts';

/** What an SSM parameter of the free tier holds. */
const MOST_CHARACTERS = 4_096;
const DAY_MS = 86_400_000;

/** What is stored. */
export type AppleFiles = { readonly key: string; readonly certificates: string };

/**
 * Fits files as Apple and openssl hand them out to what the functions read.
 *
 * @param key PEM
 * @param certificates two in any order, each PEM or DER: the pass type's, and Apple's intermediate that signed it
 * @throws SetupError that says what is wrong with them
 */
export function appleFiles(key: Buffer, certificates: readonly Buffer[], now: number): AppleFiles {
  const privateKey = parse('the private key', () => createPrivateKey(key), 'a PEM without a passphrase');
  const parsed = certificates.map((bytes) => parse('a certificate', () => new X509Certificate(bytes), 'PEM or .cer'));
  const own = parsed.find((one) => one.checkPrivateKey(privateKey));
  const issuer = parsed.find((one) => one !== own);
  if (own === undefined) throw new SetupError('None of the certificates is of this private key.');
  if (issuer === undefined) throw new SetupError('Apple’s intermediate certificate (WWDR) is missing.');
  const fault = faultOfCertificates(privateKey, own, issuer, now);
  if (fault !== undefined) throw new SetupError(`Nothing was stored: ${fault}.`);
  const stored = `${own.toString()}${issuer.toString()}`;
  if (stored.length > MOST_CHARACTERS) throw new SetupError('The certificates are larger than a parameter.');
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), certificates: stored };
}

function faultOfCertificates(
  key: KeyObject,
  own: X509Certificate,
  issuer: X509Certificate,
  now: number,
): string | undefined {
  if (key.asymmetricKeyType !== 'rsa') return 'passes are signed with RSA keys';
  if (!/^UID=pass\./m.test(own.subject)) return 'the certificate is of no pass type (its UID begins with “pass.”)';
  if (!/^OU=\w+$/m.test(own.subject)) return 'the certificate names no team (OU)';
  if (!own.verify(issuer.publicKey)) return 'the other certificate is not the one that signed it';
  if (endOf(own) <= now) return `the certificate ended on ${own.validTo}`;
  return undefined;
}

function endOf(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}

function parse<T>(what: string, read: () => T, wanted: string): T {
  try {
    return read();
  } catch {
    throw new SetupError(`This is not ${what} (${wanted}).`);
  }
}

const ASKS = `ask for the key and certificates of a pass type, or note that there are none`;

async function check(context: Context): Promise<StepStatus> {
  const stored = await Promise.all([
    readSecret(context, secretOfKind(context, 'apple-pass-key').name),
    readSecret(context, secretOfKind(context, 'apple-pass-certificates').name),
  ]);
  const [key, certificates] = stored;
  if (key === undefined || certificates === undefined)
    return { kind: 'missing', detail: 'nothing is stored', will: ASKS };
  const given = await givenFiles(context);
  if (given !== undefined && (given.key !== key || given.certificates !== certificates))
    return { kind: 'missing', detail: 'other files are stored than those that are named', will: 'store those' };
  if (key === context.input.noAccount)
    return { kind: 'done', detail: 'without an account: no passes for Apple Wallet (see docs/deploying.md)' };
  const certificate = new X509Certificate(certificates);
  const days = Math.floor((endOf(certificate) - context.now()) / DAY_MS);
  if (days < 0) return { kind: 'missing', detail: `the certificate ended on ${certificate.validTo}`, will: ASKS };
  return { kind: 'done', detail: `passes are signed; the certificate ends in ${days} days (${certificate.validTo})` };
}

async function apply(context: Context): Promise<void> {
  const files = (await givenFiles(context)) ?? (await askedFiles(context));
  const key = secretOfKind(context, 'apple-pass-key');
  const certificates = secretOfKind(context, 'apple-pass-certificates');
  // Passes are made only once both are there.
  await replaceSecret(context, certificates.name, files?.certificates ?? context.input.noAccount, certificates.purpose);
  await replaceSecret(context, key.name, files?.key ?? context.input.noAccount, key.purpose);
}

async function givenFiles(context: Context): Promise<AppleFiles | undefined> {
  const key = context.given('APPLE_PASS_KEY_FILE');
  const certificates = context.given('APPLE_PASS_CERTIFICATE_FILES');
  if (key === undefined && certificates === undefined) return undefined;
  if (key === undefined || certificates === undefined)
    throw new SetupError('APPLE_PASS_KEY_FILE and APPLE_PASS_CERTIFICATE_FILES go together.');
  return filesAt(context, key, certificates);
}

async function askedFiles(context: Context): Promise<AppleFiles | undefined> {
  const key = (await context.prompt.ask('File of the pass type’s private key (nothing: no Apple Wallet): '))?.trim();
  if (key === undefined || key === '') return undefined;
  const certificates = await context.prompt.ask('Files of its certificate and of Apple’s WWDR, with a comma between: ');
  return filesAt(context, key, certificates ?? '');
}

async function filesAt(context: Context, key: string, certificates: string): Promise<AppleFiles> {
  const paths = certificates
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const [keyFile, ...others] = await Promise.all([key, ...paths].map((path) => context.readFile(path)));
  const files = appleFiles(keyFile ?? Buffer.of(), others, context.now());
  context.redactor.hide(files.key);
  return files;
}

export const appleWalletStep: Step = {
  name: 'apple-wallet',
  title: 'Apple Wallet',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['ssm:GetParameter', 'kms:Decrypt'], apply: ['ssm:PutParameter'] },
  check,
  apply,
};
