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
 * @throws when poppler is missing: a PDF that nobody has looked at is not tested
 */
export function renderPdf(pdf: Uint8Array, dotsPerInch = 110): Promise<readonly Pixels[]> {
  return withPdf(pdf, async (directory) => {
    await poppler('pdftoppm', ['-r', String(dotsPerInch), '-png', 'in.pdf', 'page'], directory);
    const pages = (await readdir(directory)).filter((name) => name.endsWith('.png')).toSorted();
    return Promise.all(pages.map(async (name) => readPng(await readFile(join(directory, name)))));
  });
}

/** The text of a PDF as a reader copies it, by poppler's `pdftotext`. */
export function pdfText(pdf: Uint8Array): Promise<string> {
  return withPdf(pdf, (directory) => poppler('pdftotext', ['-layout', '-enc', 'UTF-8', 'in.pdf', '-'], directory));
}

/** The structure of a tagged PDF with its texts, and what poppler says of the file, by `pdfinfo`. */
export function pdfStructure(pdf: Uint8Array): Promise<string> {
  return withPdf(
    pdf,
    async (directory) =>
      (await poppler('pdfinfo', ['in.pdf'], directory)) +
      (await poppler('pdfinfo', ['-struct-text', '-enc', 'UTF-8', 'in.pdf'], directory)),
  );
}

async function withPdf<T>(pdf: Uint8Array, look: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'onsale-pdf-'));
  try {
    await writeFile(join(directory, 'in.pdf'), pdf);
    return await look(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function poppler(tool: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(tool, args, { cwd })).stdout;
  } catch (cause) {
    throw new Error(`Looking at a PDF needs ${tool}: install poppler-utils`, { cause });
  }
}
