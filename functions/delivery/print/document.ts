import type { Instant } from '../../shared/kernel/clock.ts';
import type { TicketSheet } from '../contract.ts';
import type { PrintFormat, PrintLanguage } from '../holder-contract.ts';
import type { Page } from './page.ts';
import { drawDocument } from './pdf.ts';
import { A4, drawSheet } from './sheet.ts';
import { drawRoll, drawStock, ROLL, STOCK } from './stock.ts';
import { PRINT_WORDS, type PrintWords } from './words.ts';

const FORMATS: Readonly<
  Record<
    PrintFormat,
    { readonly size: { readonly width: number; readonly height: number }; readonly draw: typeof drawSheet }
  >
> = {
  a4: { size: A4, draw: drawSheet },
  stock: { size: STOCK, draw: drawStock },
  roll: { size: ROLL, draw: drawRoll },
};

/** How tickets are printed. */
export interface PrintOptions {
  /** Goes into the document as its date, so that the same tickets give the same bytes. */
  readonly issuedAt: Instant;
  /** How the operator is called; printed at the foot of a page. */
  readonly brand: { readonly name: string };
  readonly format?: PrintFormat | undefined;
  readonly language?: PrintLanguage | undefined;
  /** JPEG pictures of the events, by their ids; those that there is none of are left out. */
  readonly images?: ReadonlyMap<string, Uint8Array> | undefined;
}

/**
 * The tickets as one PDF, a page each, with the structure that screen readers go by. Texts may hold anything: each letter is
 * set in a font that has it, right-to-left text runs from right to left, what is too long is cut with an ellipsis.
 */
export async function ticketsPdf(
  sheets: readonly TicketSheet[],
  { issuedAt, brand, format = 'a4', language = 'en', images = new Map() }: PrintOptions,
): Promise<Uint8Array> {
  const words = PRINT_WORDS[language];
  const { size, draw } = FORMATS[format];
  const pictures = new Map<string, PDFKit.Mixins.ImageSrc>();
  return drawDocument({ title: titleOf(sheets, words), size, language, date: issuedAt }, (doc, type, root) => {
    for (const sheet of sheets) {
      doc.addPage();
      const section = doc.struct('Sect', { title: `${words.ticket} ${sheet.number}` });
      root.add(section);
      const page: Page = {
        doc,
        type,
        words,
        language,
        section,
        brand: brand.name,
        image: pictureOf(doc, sheet, images, pictures),
      };
      draw(page, sheet);
      section.end();
    }
  });
}

/** The picture of a sheet's event: kept once, however many tickets show it. A broken one is no reason for no ticket. */
function pictureOf(
  doc: PDFKit.PDFDocument,
  { event: { imageId } }: TicketSheet,
  images: ReadonlyMap<string, Uint8Array>,
  opened: Map<string, PDFKit.Mixins.ImageSrc>,
): PDFKit.Mixins.ImageSrc | undefined {
  const bytes = imageId === undefined ? undefined : images.get(imageId);
  if (imageId === undefined || bytes === undefined) return undefined;
  const known = opened.get(imageId);
  if (known !== undefined) return known;
  try {
    const image = doc.openImage(Buffer.from(bytes));
    opened.set(imageId, image);
    return image;
  } catch {
    return undefined;
  }
}

function titleOf(sheets: readonly TicketSheet[], words: PrintWords): string {
  const [first] = sheets;
  if (first === undefined) return words.ticket;
  return sheets.length === 1 ? `${words.ticket} ${first.number}` : words.tickets(first.orderNumber);
}
