import { create as createQr } from 'qrcode';

import type { TicketSheet } from '../contract.ts';
import { printable } from './text.ts';
import type { Box, Style, Typesetter } from './typeset.ts';
import type { PrintLanguage } from '../holder-contract.ts';
import type { PrintWords } from './words.ts';

/** What drawing one ticket needs. */
export interface Page {
  readonly doc: PDFKit.PDFDocument;
  readonly type: Typesetter;
  readonly words: PrintWords;
  readonly language: PrintLanguage;
  /** Where the page's content stands in the document's structure, for who listens to it. */
  readonly section: PDFKit.PDFStructureElement;
  /** The event's picture, as the document keeps it once. */
  /** How the operator is called. */
  readonly brand: string;
  readonly image: PDFKit.Mixins.ImageSrc | undefined;
}

/** Light modules around a QR code (ISO/IEC 18004). */
const QUIET_MODULES = 4;

/** Writes a text that is part of what the page says. */
export function say(
  { doc, type, section }: Pick<Page, 'doc' | 'type' | 'section'>,
  text: string,
  box: Box,
  style: Style & ({ readonly size: number } | { readonly sizes: readonly number[] }),
  as: 'P' | 'H1' = 'P',
): void {
  const clean = printable(text);
  if (clean === '') return;
  // What is drawn may be cut or run from right to left: this is what a reader is told.
  const element = doc.struct(as, { actual: clean }, () => {
    if ('sizes' in style) type.writeFitted(clean, box, style);
    else type.write(clean, box, style);
  });
  section.add(element);
}

/** Draws what is there to be seen only: lines, grounds, ornaments. */
export function decorate({ doc }: Pick<Page, 'doc'>, draw: () => void): void {
  doc.markContent('Artifact', { type: 'Layout' });
  draw();
  doc.endMarkedContent();
}

/**
 * The code as one path of horizontal runs, sharp at any size. Drawn in modules and scaled, since whole
 * numbers compress to a third: sixty tickets stay a small attachment.
 */
export function drawQr({ doc, section, words }: Page, { qr, number }: TicketSheet, { x, y, width }: Box): void {
  const { modules } = createQr(qr, { errorCorrectionLevel: 'M' });
  const draw = (): void => {
    doc
      .save()
      .translate(x, y)
      .scale(width / (modules.size + 2 * QUIET_MODULES))
      .translate(QUIET_MODULES, QUIET_MODULES);
    for (let row = 0; row < modules.size; row += 1) {
      for (let column = 0; column < modules.size; column += 1) {
        if (modules.get(row, column) === 0) continue;
        const start = column;
        while (column + 1 < modules.size && modules.get(row, column + 1) !== 0) column += 1;
        doc.rect(start, row, column - start + 1, 1);
      }
    }
    doc.fill('#000000').restore();
  };
  section.add(doc.struct('Figure', { alt: words.qr(number) }, draw));
}

/** What a ticket's holder must know, in one text. */
export function termsOf({ words }: Page, { event: { terms = {} } }: TicketSheet): string {
  return [
    ...(terms.ageLimit === undefined || terms.ageLimit === 0 ? [] : [words.age(terms.ageLimit)]),
    ...(terms.cancelHours === undefined ? [] : [words.cancel(terms.cancelHours)]),
    words.general,
  ].join(' ');
}

/** Where it is, in one text. */
export function placeOf({ event: { venueName, city } }: TicketSheet): string {
  return [venueName, city].filter((part) => part !== undefined).join(', ');
}
