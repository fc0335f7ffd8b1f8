import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const field = z.strictObject({
  key: z.string(),
  label: z.optional(z.string()),
  value: z.string(),
  dateStyle: z.optional(z.literal('PKDateStyleMedium')),
  timeStyle: z.optional(z.literal('PKDateStyleShort')),
  ignoresTimeZone: z.optional(z.literal(true)),
  changeMessage: z.optional(z.string().includes('%@')),
  dataDetectorTypes: z.optional(z.array(z.enum(['PKDataDetectorTypeLink']))),
});
const color = z.string().regex(/^rgb\(\d{1,3}, \d{1,3}, \d{1,3}\)$/);
const date = z.iso.datetime({ offset: true });

/** The keys of `pass.json` that we use, as Apple documents them (https://developer.apple.com/documentation/walletpasses/pass). */
const passJson = z.strictObject({
  formatVersion: z.literal(1),
  passTypeIdentifier: z.string().startsWith('pass.'),
  teamIdentifier: z.string().regex(/^[A-Z0-9]{10}$/),
  serialNumber: z.string(),
  groupingIdentifier: z.string(),
  organizationName: z.string(),
  logoText: z.string(),
  description: z.string().min(1),
  sharingProhibited: z.boolean(),
  voided: z.boolean(),
  backgroundColor: color,
  foregroundColor: color,
  labelColor: color,
  expirationDate: date,
  relevantDate: date,
  relevantDates: z.array(z.strictObject({ relevantDate: date, date })),
  locations: z.optional(
    z.array(z.strictObject({ latitude: z.number(), longitude: z.number(), relevantText: z.string() })),
  ),
  webServiceURL: z.optional(z.url()),
  authenticationToken: z.optional(z.string().min(16)),
  barcodes: z.optional(
    z.array(
      z.strictObject({
        format: z.literal('PKBarcodeFormatQR'),
        message: z.string(),
        messageEncoding: z.literal('iso-8859-1'),
        altText: z.string(),
      }),
    ),
  ),
  eventTicket: z.strictObject({
    headerFields: z.array(field),
    primaryFields: z.array(field),
    secondaryFields: z.array(field),
    auxiliaryFields: z.array(field),
    backFields: z.array(field),
    additionalInfoFields: z.optional(z.array(field).length(0)),
  }),
});
export type PassJson = z.infer<typeof passJson>;

/** A pass as an independent reader finds it. */
export interface PassFile {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly pass: PassJson;
}

/**
 * Opens a `.pkpass` file as a phone does, with tools that had no part in making it: `unzip`; the SHA-1 of each file against the
 * manifest, which names all of them; and `openssl` for the detached PKCS #7 signature of the manifest.
 *
 * @param root certificate that has signed the signer's, PEM
 * @throws when anything of that does not hold
 */
export function openPass(bytes: Uint8Array, root: string): PassFile {
  const place = mkdtempSync(join(tmpdir(), 'onsale-pass-'));
  try {
    writeFileSync(join(place, 'ticket.pkpass'), bytes);
    writeFileSync(join(place, 'root.pem'), root);
    execFileSync('unzip', ['-q', 'ticket.pkpass', '-d', 'pass'], { cwd: place });
    const files = new Map(
      readdirSync(join(place, 'pass'), { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(place, 'pass', name)).isFile())
        .map((name) => [name, readFileSync(join(place, 'pass', name))]),
    );
    checkManifest(files);
    const signed = ['-content', 'pass/manifest.json', '-in', 'pass/signature', '-CAfile', 'root.pem'];
    execFileSync(
      'openssl',
      ['cms', '-verify', '-binary', '-inform', 'DER', '-purpose', 'any', '-out', 'said', ...signed],
      {
        cwd: place,
        stdio: 'pipe',
      },
    );
    const json: unknown = JSON.parse(textOf(files, 'pass.json'));
    return { files, pass: passJson.parse(json) };
  } finally {
    rmSync(place, { recursive: true });
  }
}

function checkManifest(files: ReadonlyMap<string, Buffer>): void {
  const manifest = z.record(z.string(), z.string()).parse(JSON.parse(textOf(files, 'manifest.json')));
  const listed = [...files.keys()].filter((name) => name !== 'manifest.json' && name !== 'signature');
  const found = Object.fromEntries(
    listed.map((name) => [
      name,
      createHash('sha1')
        .update(files.get(name) ?? '')
        .digest('hex'),
    ]),
  );
  const differs = [...new Set([...listed, ...Object.keys(manifest)])].filter((name) => found[name] !== manifest[name]);
  if (differs.length > 0) throw new Error(`The manifest does not tell of ${differs.join(', ')}`);
}

function textOf(files: ReadonlyMap<string, Buffer>, name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`There is no ${name}`);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** The translations of a language. */
export function stringsOf({ files }: PassFile, language: string): ReadonlyMap<string, string> {
  const lines = textOf(files, `${language}.lproj/pass.strings`).split('\n');
  return new Map(
    lines.map((line) => {
      const [, key, value] = /^"([^"\\]+)" = "([^"\\]+)";$/.exec(line) ?? [];
      if (key === undefined || value === undefined) throw new Error(`No translation: ${line}`);
      return [key, value];
    }),
  );
}
