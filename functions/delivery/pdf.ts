import regular from '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf';
import bold from '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf';
import PDFDocument from 'pdfkit';

import type { Instant } from '../shared/kernel/clock.ts';
import { drawSheet, PAGE } from './print/sheet.ts';
import type { TicketSheet } from './sheets.ts';

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

function titleOf(sheets: readonly TicketSheet[]): string {
  const [first] = sheets;
  return first === undefined ? 'Tickets' : sheets.length === 1 ? `Ticket ${first.number}` : `Tickets of order ${first.orderNumber}`;
}
