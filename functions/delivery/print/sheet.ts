import { create as createQr } from 'qrcode';

import { describeWhen } from '../../shared/kernel/when.ts';
import type { TicketSheet } from '../contract.ts';
import { printable } from './text.ts';

/** A page in points (1/72 inch): A4, and where things stand on it. */
export const PAGE = { width: 595.28, height: 841.89 } as const;
const MARGIN = 42;
const CARD = {
  left: MARGIN,
  top: 48,
  width: PAGE.width - 2 * MARGIN,
  height: 268,
  stub: 196,
  radius: 16,
  notch: 9,
} as const;
/** Light modules around a QR code (ISO/IEC 18004). */
const QUIET_MODULES = 4;
const INK = '#16213a';
const GREY = '#66708a';
const LINE = '#d9dde7';
const PAPER = '#f4f5f9';
const ACCENT = '#f2a33c';
const MIST = '#b9c3dc';

/** A stretch of text and the box that it must stay in. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws one ticket on the page that was just added. */
export function drawSheet(doc: PDFKit.PDFDocument, sheet: TicketSheet): void {
  drawCard(doc, sheet);
  drawStub(doc, sheet);
  drawDetails(doc, sheet);
  drawAdvice(doc);
  drawFooter(doc, sheet);
}

function drawCard(doc: PDFKit.PDFDocument, { event }: TicketSheet): void {
  const { left, top, width, height, stub, radius } = CARD;
  const perforation = left + width - stub;
  doc.roundedRect(left, top, width, height, radius).fill(PAPER);
  doc.save().roundedRect(left, top, width, height, radius).clip();
  doc.rect(left, top, width - stub, height).fill(INK);
  doc.rect(left, top, 7, height).fill(ACCENT);
  doc.restore();

  const inner = { x: left + 30, width: width - stub - 52 };
  const when = describeWhen(event.startsAt, event.endsAt, event.timeZone);
  write(
    doc,
    'ADMIT ONE',
    { ...inner, y: top + 26, height: 12 },
    { font: 'bold', size: 8.5, color: ACCENT, spacing: 2.2 },
  );
  writeFitted(
    doc,
    event.title,
    { ...inner, y: top + 44, height: 116 },
    { font: 'bold', sizes: [29, 25, 21, 18, 15, 12], color: '#ffffff' },
  );
  const place = [event.venueName, event.city].filter((part) => part !== undefined).join(', ');
  write(doc, when.date, { ...inner, y: top + height - 92, height: 20 }, { font: 'bold', size: 13.5, color: '#ffffff' });
  write(doc, `${when.time}  ${when.zone}`, { ...inner, y: top + height - 72, height: 18 }, { size: 12, color: MIST });
  write(doc, place, { ...inner, y: top + height - 48, height: 18 }, { size: 12, color: '#ffffff' });

  doc
    .circle(perforation, top, CARD.notch)
    .circle(perforation, top + height, CARD.notch)
    .fill('#ffffff');
  doc
    .save()
    .moveTo(perforation, top + CARD.notch + 6)
    .lineTo(perforation, top + height - CARD.notch - 4);
  doc.lineWidth(1.2).dash(0.1, { space: 5.2 }).lineCap('round').strokeColor(GREY).stroke().undash().restore();
}

function drawStub(doc: PDFKit.PDFDocument, { qr, number }: TicketSheet): void {
  const { left, top, width, stub } = CARD;
  const size = 168;
  const x = left + width - stub + (stub - size) / 2;
  const y = top + 24;
  doc.roundedRect(x, y, size, size, 8).fill('#ffffff');
  drawQr(doc, qr, { x, y, width: size, height: size });
  const box = { x: left + width - stub + 10, width: stub - 20 };
  write(
    doc,
    'TICKET',
    { ...box, y: y + size + 15, height: 10 },
    { font: 'bold', size: 7.5, color: GREY, spacing: 1.8, align: 'center' },
  );
  writeFitted(
    doc,
    number,
    { ...box, y: y + size + 27, height: 18 },
    { font: 'bold', sizes: [14, 12, 10, 8], color: INK, align: 'center' },
  );
}

/**
 * The code as one path of horizontal runs, sharp at any size. Drawn in modules and scaled, since whole
 * numbers compress to a third: sixty tickets stay a small attachment.
 */
function drawQr(doc: PDFKit.PDFDocument, text: string, { x, y, width }: Box): void {
  const { modules } = createQr(text, { errorCorrectionLevel: 'M' });
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
}

function drawDetails(doc: PDFKit.PDFDocument, sheet: TicketSheet): void {
  const top = CARD.top + CARD.height + 34;
  const gap = 28;
  const width = (CARD.width - gap) / 2;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Ticket type', sheet.ticketTypeName],
    ['Seat', sheet.seat],
    ['Entrance', sheet.accessLevel],
    ['Holder', sheet.holderName],
    ['Order', sheet.orderNumber],
    ['Ticket', `${sheet.position} of ${sheet.count}`],
    ['Code', sheet.code],
  ];
  const shown = fields.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [{ label, value }]));
  shown.forEach(({ label, value }, index) => {
    // The last of an odd number has its row to itself.
    const alone = index === shown.length - 1 && index % 2 === 0;
    const box = { x: CARD.left + (index % 2) * (width + gap), width: alone ? CARD.width : width };
    const y = top + Math.floor(index / 2) * 50;
    doc
      .moveTo(box.x, y)
      .lineTo(box.x + box.width, y)
      .lineWidth(0.6)
      .strokeColor(LINE)
      .stroke();
    write(
      doc,
      label.toUpperCase(),
      { ...box, y: y + 9, height: 10 },
      { font: 'bold', size: 7.5, color: GREY, spacing: 1.2 },
    );
    writeFitted(doc, value, { ...box, y: y + 21, height: 18 }, { sizes: [12.5, 11, 9.5, 8], color: INK });
  });
}

const ADVICE: readonly (readonly [string, string])[] = [
  ['Show this code', 'On paper or on your screen. Turn the brightness up and keep the page flat.'],
  ['It admits one person, once', 'Whoever shows the code first goes in. Do not post or forward a picture of it.'],
  ['Changed plans?', 'Look at your order online for the rules of this event before you travel.'],
];

function drawAdvice(doc: PDFKit.PDFDocument): void {
  const top = 566;
  const gap = 22;
  const width = (CARD.width - 2 * gap) / 3;
  doc.roundedRect(CARD.left, top, CARD.width, 132, 12).fill(PAPER);
  ADVICE.forEach(([title, text], index) => {
    const box = { x: CARD.left + 20 + index * (width - 12 + gap), width: width - 14 };
    doc.circle(box.x + 9, top + 29, 9).fill(ACCENT);
    write(
      doc,
      String(index + 1),
      { x: box.x, y: top + 22.5, width: 18, height: 14 },
      { font: 'bold', size: 10, color: INK, align: 'center' },
    );
    write(doc, title, { ...box, y: top + 48, height: 16 }, { font: 'bold', size: 10, color: INK });
    write(doc, text, { ...box, y: top + 65, height: 56 }, { size: 9, color: GREY, lineGap: 1.5 });
  });
}

function drawFooter(doc: PDFKit.PDFDocument, { number, position, count }: TicketSheet): void {
  const y = PAGE.height - 62;
  const half = CARD.width / 2;
  doc
    .moveTo(CARD.left, y)
    .lineTo(CARD.left + CARD.width, y)
    .lineWidth(0.6)
    .strokeColor(LINE)
    .stroke();
  write(doc, 'Onsale', { x: CARD.left, y: y + 12, width: half, height: 16 }, { font: 'bold', size: 11, color: INK });
  write(
    doc,
    `${number}   ·   page ${position} of ${count}`,
    { x: CARD.left + half, y: y + 14, width: half, height: 14 },
    { size: 8, color: GREY, align: 'right' },
  );
}

interface Style {
  readonly font?: 'regular' | 'bold';
  readonly color: string;
  readonly align?: 'left' | 'center' | 'right';
  /** Points between letters. */
  readonly spacing?: number;
  readonly lineGap?: number;
}

/** Writes `text` into `box` at `size`, cut with an ellipsis where it does not fit. */
function write(
  doc: PDFKit.PDFDocument,
  text: string,
  box: Box,
  { font = 'regular', size, color, align = 'left', spacing = 0, lineGap = 0 }: Style & { readonly size: number },
): void {
  doc.font(font).fontSize(size).fillColor(color);
  doc.text(printable(text), box.x, box.y, {
    width: box.width,
    height: box.height,
    align,
    ellipsis: true,
    characterSpacing: spacing,
    lineGap,
  });
}

/** Writes `text` at the largest of `sizes` at which all of it fits into `box`, else cut at the smallest. */
function writeFitted(
  doc: PDFKit.PDFDocument,
  text: string,
  box: Box,
  { sizes, ...style }: Style & { readonly sizes: readonly number[] },
): void {
  doc.font(style.font ?? 'regular');
  const clean = printable(text);
  const fits = (size: number): boolean =>
    doc.fontSize(size).heightOfString(clean, { width: box.width, lineGap: style.lineGap ?? 0 }) <= box.height;
  write(doc, text, box, { ...style, size: sizes.find(fits) ?? sizes.at(-1) ?? 8 });
}
