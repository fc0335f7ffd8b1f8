import type { Answer } from '../shared/runtime/http.ts';
import type { PersonExport } from './contract.ts';
import { encryptUnder } from './passphrase.ts';

/** An export as a file to be saved; as an age file where there is a passphrase. */
export async function inDownload(part: PersonExport, passphrase: string | undefined): Promise<Answer> {
  const name = `onsale-${part.userId}-${part.exportedAt.slice(0, 10)}.json`;
  if (passphrase === undefined) {
    // As text and not as a file's bytes, which travel in Base64 and would be a third longer.
    return { status: 200, body: part, headers: { 'content-disposition': `attachment; filename="${name}"` } };
  }
  const bytes = await encryptUnder(passphrase, JSON.stringify(part));
  return { status: 200, file: { bytes, mediaType: 'application/octet-stream', name: `${name}.age` } };
}
