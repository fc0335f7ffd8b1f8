import regular from '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf';
import bold from '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf';
import PDFDocument from 'pdfkit';
import { toBuffer } from 'qrcode';

import type { TicketTypeCopy } from '../inventory/contract.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { signQr, type TicketSeeds } from './codes.ts';
import { ticketCodeOf, type Ticket, type TicketSheet } from './contract.ts';
import { placesOf, qrSubjectOf, type TicketedOrder } from './domain/ticket.ts';
import { drawSheet, PAGE } from './print/sheet.ts';

/**
 * The sheets of `tickets`, all of `order`, in the order given.
 *
 * @param types copies of every type on the order
 * @throws when a type is missing or a ticket is not of the order
 */
export function sheetsOf(
  order: TicketedOrder,
  tickets: readonly Ticket[],
  types: ReadonlyMap<string, TicketTypeCopy>,
  seeds: TicketSeeds,
): readonly TicketSheet[] {
  const places = placesOf(order);
  return tickets.map((ticket) => {
    const type = types.get(ticket.ticketTypeId);
    const place = places.find(({ ticketId }) => ticketId === ticket.ticketId);
    if (type === undefined || place === undefined)
      throw new Error(`Ticket ${ticket.ticketId} lacks its type or its order`);
    return {
      event: {
        title: type.eventTitle,
        startsAt: type.eventStartsAt,
        endsAt: type.eventEndsAt,
        timeZone: type.timeZone,
        venueName: type.venueName,
        city: type.city,
      },
      ticketTypeName: type.name,
      accessLevel: ticket.accessLevel,
      seat: ticket.seat?.label,
      orderNumber: order.number,
      number: ticket.number,
      position: place.position,
      count: places.length,
      code: ticketCodeOf(ticket.ticketId),
      qr: signQr(seeds, qrSubjectOf(ticket)),
    };
  });
}

/**
 * The tickets as one PDF, A4, a page each. Texts may hold anything: what the font lacks shows as a
 * replacement character, what is too long is cut with an ellipsis.
 *
 * @param issuedAt goes into the document as its date, so that the same tickets give the same bytes
 */
export async function ticketsPdf(sheets: readonly TicketSheet[], issuedAt: Instant): Promise<Uint8Array> {
  const date = new Date(issuedAt);
  const doc = new PDFDocument({
    size: [PAGE.width, PAGE.height],
    margin: 0,
    autoFirstPage: false,
    // None of pdfkit's own fonts: their files are not in a bundle.
    font: '',
    lang: 'en',
    displayTitle: true,
    info: { Title: titleOf(sheets), Creator: 'Onsale', Producer: 'Onsale', CreationDate: date, ModDate: date },
  });
  doc.registerFont('regular', Buffer.from(regular));
  doc.registerFont('bold', Buffer.from(bold));
  const chunks: Buffer[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', resolve);
    doc.on('error', reject);
  });
  for (const sheet of sheets) drawSheet(doc.addPage(), sheet);
  doc.end();
  await finished;
  return Buffer.concat(chunks);
}

/** Pixels a module: 318 × 318 for a usual code, sharp on a phone and small in a mail. */
const SCALE = 6;

/** The QR code of `text` as a PNG, at level M with the quiet zone of ISO/IEC 18004. */
export async function qrPng(text: string): Promise<Uint8Array> {
  return toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: SCALE });
}

function titleOf(sheets: readonly TicketSheet[]): string {
  const [first] = sheets;
  return first === undefined
    ? 'Tickets'
    : sheets.length === 1
      ? `Ticket ${first.number}`
      : `Tickets of order ${first.orderNumber}`;
}
