import { describeWhen } from '../../shared/kernel/when.ts';
import type { TicketSheet } from '../contract.ts';
import { decorate, drawQr, placeOf, say, termsOf, type Page } from './page.ts';

const MM = 72 / 25.4;
/** Ticket stock as box-office printers take it, 5.5 by 2 inches, and a receipt printer's roll, 80 mm wide. */
export const STOCK = { width: 396, height: 144 } as const;
export const ROLL = { width: 80 * MM, height: 150 * MM } as const;
/** Thermal printers know black and nothing else. */
const BLACK = '#000000';

/** Draws one ticket on 5.5 × 2 inches: what is torn off at the gate at the right, with the code. */
export function drawStock(page: Page, sheet: TicketSheet): void {
  const { doc } = page;
  const margin = 10;
  const stub = 124;
  const left = { x: margin, width: STOCK.width - stub - 2 * margin };
  const when = whenOf(page, sheet);
  decorate(page, () => {
    doc
      .moveTo(STOCK.width - stub, 4)
      .lineTo(STOCK.width - stub, STOCK.height - 4)
      .lineWidth(0.5)
      .dash(2, { space: 2 })
      .strokeColor(BLACK)
      .stroke()
      .undash();
  });
  say(
    page,
    sheet.event.title,
    { ...left, y: 7, height: 42 },
    { font: 'bold', sizes: [16, 13, 11, 9, 7.5], color: BLACK },
    'H1',
  );
  say(page, when, { ...left, y: 50, height: 14 }, { font: 'bold', sizes: [9, 8, 7], color: BLACK });
  say(page, placeOf(sheet), { ...left, y: 63, height: 13 }, { sizes: [8.5, 7.5, 6.5], color: BLACK });
  say(page, detailsOf(sheet), { ...left, y: 78, height: 24 }, { font: 'bold', sizes: [9, 8, 7, 6], color: BLACK });
  say(page, sheet.holderName ?? '', { ...left, y: 102, height: 13 }, { sizes: [8, 6.5, 5], color: BLACK });
  say(page, termsOf(page, sheet), { ...left, y: 117, height: 19 }, { sizes: [6, 5], color: BLACK });
  const size = 106;
  const x = STOCK.width - stub + (stub - size) / 2;
  drawQr(page, sheet, { x, y: 4, width: size, height: size });
  const under = { x: STOCK.width - stub + 6, width: stub - 12 };
  say(
    page,
    sheet.number,
    { ...under, y: 110, height: 13 },
    { font: 'bold', sizes: [9, 8, 7], color: BLACK, align: 'center' },
  );
  say(page, sheet.code, { ...under, y: 124, height: 9 }, { sizes: [5.4, 5], color: BLACK, align: 'center' });
}

/** Draws one ticket on a roll of 80 mm. */
export function drawRoll(page: Page, sheet: TicketSheet): void {
  const margin = 4 * MM;
  const box = { x: margin, width: ROLL.width - 2 * margin };
  const center = { color: BLACK, align: 'center' } as const;
  say(
    page,
    sheet.event.title,
    { ...box, y: 12, height: 66 },
    { ...center, font: 'bold', sizes: [20, 16, 13, 11, 9] },
    'H1',
  );
  say(page, whenOf(page, sheet), { ...box, y: 82, height: 26 }, { ...center, font: 'bold', sizes: [10, 9, 8] });
  say(page, placeOf(sheet), { ...box, y: 108, height: 24 }, { ...center, sizes: [9.5, 8.5, 7.5] });
  const size = 190;
  drawQr(page, sheet, { x: (ROLL.width - size) / 2, y: 132, width: size, height: size });
  say(page, sheet.number, { ...box, y: 322, height: 20 }, { ...center, font: 'bold', sizes: [13, 11] });
  say(page, detailsOf(sheet), { ...box, y: 342, height: 28 }, { ...center, font: 'bold', sizes: [10, 9, 8, 7] });
  say(page, sheet.holderName ?? '', { ...box, y: 370, height: 20 }, { ...center, sizes: [9, 7.5, 6, 5] });
  say(page, sheet.code, { ...box, y: 390, height: 10 }, { ...center, size: 6 });
  say(page, termsOf(page, sheet), { ...box, y: 398, height: 25 }, { ...center, sizes: [6.5, 6, 5.5, 5] });
}

function whenOf({ language }: Page, { event: { startsAt, endsAt, timeZone } }: TicketSheet): string {
  const when = describeWhen(startsAt, endsAt, timeZone, language);
  return `${when.date}, ${when.time} ${when.zone}`;
}

function detailsOf({ ticketTypeName, seat, accessLevel }: TicketSheet): string {
  return [ticketTypeName, seat, accessLevel].filter((part) => part !== undefined && part !== '').join(' · ');
}
