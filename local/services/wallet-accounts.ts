import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

/** Of the certificates that the local system signs passes with; no phone trusts them. */
export const LOCAL_PASS_TYPE = 'pass.example.onsale.local';
export const LOCAL_TEAM = 'LOCALTEAM1';
const YEARS = 10;

/** A private key as Apple's and Google's certificates take it: RSA of 2,048 bits, PKCS #8 as PEM. */
export function newPrivateKey(): string {
  return newPair().privateKey;
}

function newPair(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** What a certificate says of who it is for, and how long it is good for. */
export interface PassCertificate {
  readonly passType?: string;
  readonly team?: string;
  /** Milliseconds since the epoch. */
  readonly notAfter?: number;
}

/**
 * A certificate of a pass type with the one that has signed it, PEM one after the other, named as Apple names its own: the pass
 * type is the UID, the team the OU.
 *
 * @param privateKey whose public half it is for, PEM
 */
export function passCertificates(privateKey: string, as: PassCertificate = {}): string {
  const { passType = LOCAL_PASS_TYPE, team = LOCAL_TEAM, notAfter } = as;
  const until = new Date(notAfter ?? Date.now() + YEARS * 365 * 86_400_000);
  const authority = newPair();
  const issuer = [
    { shortName: 'CN', value: 'Onsale local stand-in of Apple WWDR' },
    { shortName: 'O', value: 'Onsale' },
  ];
  const subject = [
    { type: '0.9.2342.19200300.100.1.1', value: passType },
    { shortName: 'CN', value: `Pass Type ID: ${passType}` },
    { shortName: 'OU', value: team },
    { shortName: 'O', value: 'Onsale' },
  ];
  const key = forge.pki.privateKeyFromPem(privateKey);
  const signer = certify(forge.pki.setRsaPublicKey(key.n, key.e), subject, issuer, authority.privateKey, until);
  const root = certify(forge.pki.publicKeyFromPem(authority.publicKey), issuer, issuer, authority.privateKey, until, [
    { name: 'basicConstraints', cA: true },
    { name: 'keyUsage', keyCertSign: true },
  ]);
  return signer + root;
}

function certify(
  publicKey: forge.pki.rsa.PublicKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  issuerKey: string,
  until: Date,
  extensions: object[] = [],
): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  // A signature names its certificate by issuer and number alone.
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = new Date(Math.min(Date.now(), until.getTime()) - 86_400_000);
  certificate.validity.notAfter = until;
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuerKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

/** An account of Google Wallet; Google knows nothing of it. */
export function googleWalletAccount(): string {
  return JSON.stringify({
    issuerId: '3388000000012345678',
    clientEmail: 'wallet-links@onsale-local-000000.iam.gserviceaccount.example',
    privateKey: newPrivateKey(),
  });
}
