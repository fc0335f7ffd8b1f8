import PDFDocument from 'pdfkit';

import type { Instant } from '../../shared/kernel/clock.ts';
import type { PrintLanguage } from '../holder-contract.ts';
import { Typesetter } from './typeset.ts';

/** What a document is. */
export interface DocumentOptions {
  readonly title: string;
  /** Of its pages, in points. */
  readonly size: { readonly width: number; readonly height: number };
  readonly language: PrintLanguage;
  /** Its date, so that the same content gives the same bytes. */
  readonly date: Instant;
}

/**
 * A PDF with the structure that screen readers go by.
 *
 * @param draw adds the pages, and a section of `root` for each part
 */
export async function drawDocument(
  { title, size, language, date: at }: DocumentOptions,
  draw: (doc: PDFKit.PDFDocument, type: Typesetter, root: PDFKit.PDFStructureElement) => void,
): Promise<Uint8Array> {
  const date = new Date(at);
  const doc = new PDFDocument({
    size: [size.width, size.height],
    margin: 0,
    autoFirstPage: false,
    // None of pdfkit's own fonts: their files are not in a bundle.
    font: '',
    lang: language,
    displayTitle: true,
    pdfVersion: '1.7',
    tagged: true,
    info: { Title: title, Creator: 'Onsale', Producer: 'Onsale', CreationDate: date, ModDate: date },
  });
  const chunks: Buffer[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', resolve);
    doc.on('error', reject);
  });
  const root = doc.struct('Document');
  doc.addStructure(root);
  draw(doc, new Typesetter(doc), root);
  root.end();
  doc.end();
  await finished;
  return Buffer.concat(chunks);
}
