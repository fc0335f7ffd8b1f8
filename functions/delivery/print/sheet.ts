import { describeWhen } from '../../shared/kernel/when.ts';
import type { TicketSheet } from '../contract.ts';
import { decorate, drawQr, placeOf, say, termsOf, type Page } from './page.ts';
import { printable } from './text.ts';

/** A page in points (1/72 inch): A4, and where things stand on it. */
export const A4 = { width: 595.28, height: 841.89 } as const;
const MARGIN = 42;
const CARD = {
  left: MARGIN,
  top: 48,
  width: A4.width - 2 * MARGIN,
  height: 268,
  stub: 196,
  radius: 16,
  notch: 9,
} as const;
const IMAGE = { top: CARD.top + CARD.height + 16, height: 116 } as const;
const ADVICE_TOP = 640;
const TERMS_TOP = 742;
const INK = '#16213a';
const GREY = '#5c667f';
const LINE = '#d9dde7';
const PAPER = '#f4f5f9';
const ACCENT = '#f2a33c';
const MIST = '#b9c3dc';

/** Draws one ticket on an A4 page that was just added. */
export function drawSheet(page: Page, sheet: TicketSheet): void {
  drawCard(page, sheet);
  drawStub(page, sheet);
  drawImage(page, sheet);
  drawDetails(page, sheet);
  drawAdvice(page);
  drawFooter(page, sheet);
}

function drawCard(page: Page, sheet: TicketSheet): void {
  const { doc, words } = page;
  const { left, top, width, height, stub, radius } = CARD;
  const perforation = left + width - stub;
  decorate(page, () => {
    doc.roundedRect(left, top, width, height, radius).fill(PAPER);
    doc.save().roundedRect(left, top, width, height, radius).clip();
    doc.rect(left, top, width - stub, height).fill(INK);
    doc.rect(left, top, 7, height).fill(ACCENT);
    doc.restore();
    doc
      .circle(perforation, top, CARD.notch)
      .circle(perforation, top + height, CARD.notch)
      .fill('#ffffff');
    doc
      .save()
      .moveTo(perforation, top + CARD.notch + 6)
      .lineTo(perforation, top + height - CARD.notch - 4);
    doc.lineWidth(1.2).dash(0.1, { space: 5.2 }).lineCap('round').strokeColor(GREY).stroke().undash().restore();
  });
  const inner = { x: left + 30, width: width - stub - 52 };
  const { startsAt, endsAt, timeZone, title } = sheet.event;
  const when = describeWhen(startsAt, endsAt, timeZone, page.language);
  say(
    page,
    words.admitOne,
    { ...inner, y: top + 24, height: 13 },
    { font: 'bold', size: 8.5, color: ACCENT, spacing: 2.2 },
  );
  say(
    page,
    title,
    { ...inner, y: top + 42, height: 122 },
    { font: 'bold', sizes: [29, 25, 21, 18, 15, 12, 10], color: '#ffffff' },
    'H1',
  );
  say(page, when.date, { ...inner, y: top + height - 94, height: 20 }, { font: 'bold', size: 13.5, color: '#ffffff' });
  say(page, `${when.time}  ${when.zone}`, { ...inner, y: top + height - 74, height: 18 }, { size: 12, color: MIST });
  say(page, placeOf(sheet), { ...inner, y: top + height - 50, height: 34 }, { sizes: [12, 10.5, 9], color: '#ffffff' });
}

function drawStub(page: Page, sheet: TicketSheet): void {
  const { left, top, width, stub } = CARD;
  const size = 168;
  const x = left + width - stub + (stub - size) / 2;
  const y = top + 24;
  decorate(page, () => page.doc.roundedRect(x, y, size, size, 8).fill('#ffffff'));
  drawQr(page, sheet, { x, y, width: size, height: size });
  const box = { x: left + width - stub + 10, width: stub - 20 };
  say(
    page,
    page.words.ticket.toUpperCase(),
    { ...box, y: y + size + 14, height: 11 },
    { font: 'bold', size: 7.5, color: GREY, spacing: 1.8, align: 'center' },
  );
  say(
    page,
    sheet.number,
    { ...box, y: y + size + 26, height: 20 },
    { font: 'bold', sizes: [14, 12, 10, 8], color: INK, align: 'center' },
  );
}

function drawImage(page: Page, { event }: TicketSheet): void {
  const { doc, image, section, words } = page;
  if (image === undefined) return;
  const { left, width } = CARD;
  const { top, height } = IMAGE;
  const alt = printable(words.image(event.title));
  section.add(
    doc.struct('Figure', { alt }, () => {
      doc.save().roundedRect(left, top, width, height, 12).clip();
      doc.image(image, left, top, { cover: [width, height], align: 'center', valign: 'center' });
      doc.restore();
    }),
  );
}

function drawDetails(page: Page, sheet: TicketSheet): void {
  const { doc, words, image } = page;
  const top = image === undefined ? CARD.top + CARD.height + 40 : IMAGE.top + IMAGE.height + 18;
  const rowHeight = image === undefined ? 56 : 46;
  const gap = 28;
  const half = (CARD.width - gap) / 2;
  const fields = (
    [
      [words.type, sheet.ticketTypeName, half],
      [words.seat, sheet.seat, half],
      [words.entrance, sheet.accessLevel, half],
      [words.order, `${sheet.orderNumber} · ${words.position(sheet.position, sheet.count)}`, half],
      [words.holder, sheet.holderName, CARD.width],
      [words.code, sheet.code, CARD.width],
    ] as const
  ).flatMap(([label, value, width]) => (value === undefined || value === '' ? [] : [{ label, value, width }]));
  let x: number = CARD.left;
  let y: number = top;
  for (const [index, { label, value, width }] of fields.entries()) {
    const next = fields[index + 1];
    // A short field has the row to itself where no other stands beside it.
    const alone = width === half && x === CARD.left && next?.width !== half;
    const box = { x, width: alone ? CARD.width : width };
    const at = y;
    decorate(page, () => {
      doc
        .moveTo(box.x, at)
        .lineTo(box.x + box.width, at)
        .lineWidth(0.6)
        .strokeColor(LINE)
        .stroke();
    });
    say(
      page,
      label.toUpperCase(),
      { ...box, y: y + 7, height: 11 },
      { font: 'bold', size: 7.5, color: GREY, spacing: 1.2 },
    );
    say(
      page,
      value,
      { ...box, y: y + 19, height: rowHeight - 22 },
      // Under its label, whichever way it is read.
      { sizes: [12.5, 11, 9.5, 8, 6.5, 5.5], color: INK, align: 'left' },
    );
    const startsRow = box.width === CARD.width || x > CARD.left;
    x = startsRow ? CARD.left : CARD.left + half + gap;
    if (startsRow) y += rowHeight;
  }
}

function drawAdvice(page: Page): void {
  const { doc, words } = page;
  const gap = 22;
  const width = (CARD.width - 32 - 2 * gap) / 3;
  decorate(page, () => {
    doc.roundedRect(CARD.left, ADVICE_TOP, CARD.width, 92, 12).fill(PAPER);
    words.advice.forEach((_text, index) => {
      doc.circle(CARD.left + 24 + index * (width + gap), ADVICE_TOP + 20, 8).fill(ACCENT);
    });
  });
  words.advice.forEach(([title, text], index) => {
    const x = CARD.left + 16 + index * (width + gap);
    say(
      page,
      String(index + 1),
      { x, y: ADVICE_TOP + 13.4, width: 16, height: 14 },
      { font: 'bold', size: 9, color: INK, align: 'center' },
    );
    say(
      page,
      title,
      { x: x + 22, y: ADVICE_TOP + 13, width: width - 22, height: 15 },
      { font: 'bold', sizes: [9.5, 8.5, 7.5], color: INK },
    );
    say(page, text, { x, y: ADVICE_TOP + 34, width, height: 52 }, { sizes: [8.5, 8, 7], color: GREY, lineGap: 1 });
  });
}

function drawFooter(page: Page, sheet: TicketSheet): void {
  const { doc, words, brand } = page;
  const { number, position, count } = sheet;
  const y = A4.height - 52;
  const half = CARD.width / 2;
  say(
    page,
    `${words.terms}: ${termsOf(page, sheet)}`,
    { x: CARD.left, y: TERMS_TOP, width: CARD.width, height: 34 },
    { sizes: [8, 7], color: GREY },
  );
  decorate(page, () => {
    doc
      .moveTo(CARD.left, y)
      .lineTo(CARD.left + CARD.width, y)
      .lineWidth(0.6)
      .strokeColor(LINE)
      .stroke();
  });
  say(
    page,
    brand,
    { x: CARD.left, y: y + 9, width: half, height: 16 },
    { font: 'bold', sizes: [11, 9.5, 8], color: INK },
  );
  say(
    page,
    `${number}   ·   ${words.page(position, count)}`,
    { x: CARD.left + half, y: y + 11, width: half, height: 14 },
    { size: 8, color: GREY, align: 'right' },
  );
}
