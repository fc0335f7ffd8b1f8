import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PNG } from 'pngjs';

/** Pixels as a QR reader takes them. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The pixels of a PNG. */
export function readPng(bytes: Uint8Array): Pixels {
  const { data, width, height } = PNG.sync.read(Buffer.from(bytes));
  return { data: new Uint8ClampedArray(data), width, height };
}

/**
 * The pages of a PDF as a reader shows them, by poppler's `pdftoppm`.
 *
 * @throws when `pdftoppm` is missing: a PDF that nobody has looked at is not tested
 */
export async function renderPdf(pdf: Uint8Array, dotsPerInch = 110): Promise<readonly Pixels[]> {
  const directory = await mkdtemp(join(tmpdir(), 'onsale-pdf-'));
  try {
    await writeFile(join(directory, 'in.pdf'), pdf);
    await promisify(execFile)('pdftoppm', ['-r', String(dotsPerInch), '-png', 'in.pdf', 'page'], {
      cwd: directory,
    }).catch((cause: unknown) => {
      throw new Error('Rendering a PDF needs pdftoppm: install poppler-utils', { cause });
    });
    const pages = (await readdir(directory)).filter((name) => name.endsWith('.png')).toSorted();
    return await Promise.all(pages.map(async (name) => readPng(await readFile(join(directory, name)))));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
