import type { ReceiptView } from '../../orders/receipt-contract.ts';
import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import type { PrintLanguage } from '../holder-contract.ts';
import { decorate, say, type Page } from './page.ts';
import { drawDocument } from './pdf.ts';
import { RECEIPT_WORDS } from './receipt-words.ts';
import { A4 } from './sheet.ts';

const MARGIN = 56;
const WIDTH = A4.width - 2 * MARGIN;
/** Of the amounts, at the right. */
const AMOUNTS = 110;
const TOP = 60;
const BOTTOM = A4.height - 70;
const INK = '#16213a';
const GREY = '#5c667f';
const LINE = '#d9dde7';

type Sheet = Pick<Page, 'doc' | 'type' | 'section'>;

/** Writes from top to bottom, on as many pages as it takes. */
class Column {
  readonly #sheet: Sheet;
  #y = TOP;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
    sheet.doc.addPage();
  }

  /** A text with an amount at its right, and what is to be said of it below, in grey. */
  row(text: string, amount: string, note = '', font: 'regular' | 'bold' = 'regular'): void {
    const height = note === '' ? 20 : 36;
    this.#room(height);
    const left = { x: MARGIN, width: WIDTH - AMOUNTS - 12 };
    say(
      this.#sheet,
      text,
      { ...left, y: this.#y, height: 18 },
      { font, sizes: [11, 9.5, 8], color: INK, align: 'left' },
    );
    const right = { x: MARGIN + WIDTH - AMOUNTS, width: AMOUNTS, y: this.#y, height: 18 };
    say(this.#sheet, amount, right, { font, sizes: [11, 9, 7], color: INK, align: 'right' });
    if (note !== '') say(this.#sheet, note, { ...left, y: this.#y + 16, height: 15 }, { sizes: [9, 8], color: GREY });
    this.#y += height;
  }

  text(text: string, size: number, as: 'P' | 'H1' = 'P', color = INK): void {
    const height = size * 1.5;
    this.#room(height);
    const box = { x: MARGIN, y: this.#y, width: WIDTH, height };
    say(this.#sheet, text, box, { font: as === 'H1' ? 'bold' : 'regular', sizes: [size, size * 0.8], color }, as);
    this.#y += height + 2;
  }

  rule(): void {
    this.#room(16);
    const y = this.#y + 6;
    decorate(this.#sheet, () => {
      this.#sheet.doc
        .moveTo(MARGIN, y)
        .lineTo(MARGIN + WIDTH, y)
        .lineWidth(0.8)
        .strokeColor(LINE)
        .stroke();
    });
    this.#y += 16;
  }

  #room(height: number): void {
    if (this.#y + height <= BOTTOM) return;
    this.#sheet.doc.addPage();
    this.#y = TOP;
  }
}

/** The receipt as a PDF of as many A4 pages as it takes; the same receipt gives the same bytes. */
export function receiptPdf(receipt: ReceiptView, language: PrintLanguage): Promise<Uint8Array> {
  const words = RECEIPT_WORDS[language];
  const money = (each: Money): string => formatMoney(each, language);
  const title = `${words.receipt} ${receipt.orderNumber}`;
  const { payment, refunds, total } = receipt;
  const whenOf = ({ startsAt, timeZone }: { startsAt: string; timeZone: string }): string => {
    const when = describeWhen(Date.parse(startsAt), undefined, timeZone, language);
    return `${when.date}, ${when.time} ${when.zone}`;
  };
  const day = (at: string): string => describeWhen(Date.parse(at), undefined, 'UTC', language).date;
  return drawDocument({ title, size: A4, language, date: Date.parse(payment.at) }, (doc, type, root) => {
    const section = doc.struct('Sect', { title });
    root.add(section);
    const column = new Column({ doc, type, section });
    column.text(title, 22, 'H1');
    column.text(`${words.seller}: ${receipt.sellers.map(({ name }) => name).join(', ')}`, 11);
    column.text(`${words.paid} ${day(payment.at)} (UTC)`, 11);
    column.text(payment.method === 'CARD' ? words.byCard : words.forFree, 11);
    if (payment.transactionId !== null) column.text(`${words.payment} ${payment.transactionId}`, 9, 'P', GREY);
    column.rule();
    for (const item of receipt.items) {
      const { ticketType: type, quantity, quantityRefunded: gone } = item;
      // Numbers and names apart: a name may run from right to left, and would take the numbers with it.
      const parts = [
        `${quantity} × ${money(item.unitPrice)}`,
        ...(gone === 0 ? [] : [words.refunded(gone)]),
        ...(type === null ? [] : [whenOf(type), type.eventTitle]),
      ];
      column.row(type?.name ?? item.ticketTypeId, money(item.price), parts.join(' · '));
    }
    for (const { name, amount, included } of receipt.charges) {
      // What is contained adds nothing: its amount does not stand among those that add up.
      if (included) column.row(name, '', `${money(amount)} ${words.contained}`);
      else column.row(name, money(amount));
    }
    column.rule();
    column.row(words.total, money(total), '', 'bold');
    for (const { amount, currency, at, status } of refunds) {
      const failed = status === 'FAILED';
      const back = money({ amount: failed ? amount : -amount, currency });
      const note = failed ? `${back} ${words.state.FAILED}` : words.state[status];
      column.row(`${words.refunds}, ${day(at)}`, failed ? '' : back, note);
    }
    if (refunds.length > 0) column.row(words.balance, money(receipt.balance), '', 'bold');
    column.rule();
    column.text(words.note, 9, 'P', GREY);
    section.end();
  });
}
