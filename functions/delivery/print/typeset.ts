import { fontOf, type Weight } from './faces.ts';
import { layOut, prepare, turns, type Measure, type Paragraph, type Prepared } from './lines.ts';

/** A stretch of page that a text must stay in, in points. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a text looks. */
export interface Style {
  readonly font?: Weight;
  readonly color: string;
  /** `start` is where the text itself begins: at the right for Arabic and Hebrew. */
  readonly align?: 'start' | 'left' | 'center' | 'right';
  /** Points between letters. */
  readonly spacing?: number;
  /** Points between lines, beyond the font's own. */
  readonly lineGap?: number;
}

/** Widths are measured at this size and scaled: shaping a word is most of the work. */
const MEASURED_AT = 1_000;
/** Of the size: where letters stand, and from line to line. Noto Sans' own, whatever fonts a line has. */
const ASCENT = 1.069;
const LINE_HEIGHT = 1.362;
/** Of the size: what scripts without a bold font are drawn stronger by. */
const EMBOLDENED = 0.028;

/** Sets texts of any script on the pages of one document. */
export class Typesetter {
  readonly #doc: PDFKit.PDFDocument;
  readonly #known = new Set<string>();
  readonly #widths = new Map<string, number>();

  constructor(doc: PDFKit.PDFDocument) {
    this.#doc = doc;
  }

  /** Writes `text` into `box` at `size`, cut with an ellipsis where it does not fit. */
  write(text: string, box: Box, style: Style & { readonly size: number }): void {
    this.#draw(this.#fit(prepare(text, style.font ?? 'regular'), box, style), box, style);
  }

  /** Writes `text` at the largest of `sizes` at which all of it fits into `box`, else cut at the smallest. */
  writeFitted(text: string, box: Box, { sizes, ...style }: Style & { readonly sizes: readonly number[] }): void {
    const prepared = prepare(text, style.font ?? 'regular');
    for (const [index, size] of sizes.entries()) {
      const paragraph = this.#fit(prepared, box, { ...style, size });
      if (!paragraph.whole && index < sizes.length - 1) continue;
      this.#draw(paragraph, box, { ...style, size });
      return;
    }
  }

  #fit(
    text: Prepared,
    { width, height }: Box,
    { size, font = 'regular', spacing = 0, lineGap = 0 }: Style & { readonly size: number },
  ): Paragraph {
    const most = Math.max(1, Math.floor((height + lineGap + 0.01) / (size * LINE_HEIGHT + lineGap)));
    const measure: Measure = (part, face) =>
      (this.#widthOf(part, face) * size) / MEASURED_AT + spacing * Array.from(part).length;
    return layOut(text, font, width, most, measure);
  }

  #widthOf(text: string, font: string): number {
    const key = `${font}\0${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      this.#use(font);
      width = this.#doc.fontSize(MEASURED_AT).widthOfString(text, featuresFor(text));
      this.#widths.set(key, width);
    }
    return width;
  }

  #use(font: string): void {
    if (!this.#known.has(font)) {
      this.#doc.registerFont(font, fontOf(font));
      this.#known.add(font);
    }
    this.#doc.font(font);
  }

  #draw(
    { lines, rightToLeft }: Paragraph,
    box: Box,
    { size, font = 'regular', color, align = 'start', spacing = 0, lineGap = 0 }: Style & { readonly size: number },
  ): void {
    const doc = this.#doc;
    for (const [index, line] of lines.entries()) {
      const room = box.width - line.width;
      const atEnd = align === 'right' || (align === 'start' && rightToLeft);
      let x = box.x + (align === 'center' ? room / 2 : atEnd ? room : 0);
      const baseline = box.y + size * ASCENT + index * (size * LINE_HEIGHT + lineGap);
      for (const run of line.runs) {
        this.#use(run.font);
        doc.fontSize(size).fillColor(color);
        const embolden = font === 'bold' && run.font !== 'bold';
        if (embolden) doc.strokeColor(color).lineWidth(size * EMBOLDENED);
        doc.text(run.text, x, baseline, {
          lineBreak: false,
          baseline: 'alphabetic',
          characterSpacing: spacing,
          ...featuresFor(run.text),
          ...(embolden ? { fill: true, stroke: true } : {}),
        });
        x += (this.#widthOf(run.text, run.font) * size) / MEASURED_AT + spacing * Array.from(run.text).length;
      }
    }
  }
}

/** Features, even none, keep pdfkit from laying a text out word by word, which puts Arabic words in a wrong order. */
function featuresFor(text: string): { readonly features?: PDFKit.Mixins.OpenTypeFeatures[] } {
  return turns(text) ? { features: [] } : {};
}
