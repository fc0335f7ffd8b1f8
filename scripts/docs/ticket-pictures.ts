import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { signQr } from '../../functions/delivery/codes.ts';
import type { TicketSheet } from '../../functions/delivery/contract.ts';
import { ticketsPdf } from '../../functions/delivery/documents.ts';
import type { PrintFormat, PrintLanguage } from '../../functions/delivery/holder-contract.ts';

/**
 * Draws the pictures of tickets in `docs/pictures`, by poppler's `pdftoppm`: `node scripts/docs/ticket-pictures.ts`. They are
 * looked at by people, so they are made by hand when the drawing has changed.
 */
const PICTURES = join(import.meta.dirname, '..', '..', 'docs', 'pictures');
const TICKET = '01JD0000000000000000000002';
const EVENT = '01JD0000000000000000000001';

type Told = Partial<Omit<TicketSheet, 'event'>> & { readonly event?: Partial<TicketSheet['event']> };

function sheet({ event, ...as }: Told): TicketSheet {
  const validUntil = Date.parse('2026-12-06T10:00:00Z');
  return {
    event: {
      title: 'Harbour Lights',
      startsAt: Date.parse('2026-12-05T19:30:00Z'),
      endsAt: Date.parse('2026-12-05T22:30:00Z'),
      timeZone: 'Europe/Amsterdam',
      venueName: 'Pakhuis Noord',
      city: 'Rotterdam',
      terms: { ageLimit: 16, cancelHours: 48 },
      ...event,
    },
    ticketTypeName: 'Standing',
    seat: 'Stalls, row 5, seat 12',
    accessLevel: 'Main floor',
    holderName: 'Ada Lovelace',
    orderNumber: 'ON-7K3M-Q2XD',
    number: 'ON-7K3M-Q2XD-1',
    position: 1,
    count: 2,
    code: `tc_${TICKET}`,
    qr: signQr([new Uint8Array(32).fill(7)], {
      eventId: EVENT,
      ticketId: TICKET,
      ticketVersion: 1,
      validUntil,
      accessLevel: 'Main floor',
    }),
    ...as,
  };
}

const PLAIN = sheet({});
const SCRIPTS = sheet({
  event: { title: 'ليلة الموسيقى (2026) 🎸 港の光', venueName: 'היכל התרבות', city: 'नई दिल्ली' },
  ticketTypeName: 'Ελληνικά · Кириллица · ไทย',
  holderName: '山田太郎 김철수 محمد الخوارزمي רחל כהן 👩‍👩‍👧‍👦',
});
const HOSTILE = sheet({
  event: {
    title: `=HYPERLINK("x") {{constructor}} \u202Eevil\r\n</Title> ${'endless '.repeat(60)}`,
    city: 'x'.repeat(300),
  },
  ticketTypeName: 'W'.repeat(300),
  holderName: `Ñandú ${'Żółć '.repeat(60)}`,
});

async function draw(name: string, of: TicketSheet, format: PrintFormat, language: PrintLanguage): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'onsale-pictures-'));
  try {
    writeFileSync(
      join(directory, 'in.pdf'),
      await ticketsPdf([of], { issuedAt: 0, format, language, brand: { name: 'Onsale' } }),
    );
    const dotsPerInch = format === 'a4' ? '72' : '110';
    execFileSync('pdftoppm', ['-r', dotsPerInch, '-png', '-singlefile', 'in.pdf', 'page'], { cwd: directory });
    writeFileSync(join(PICTURES, name), readFileSync(join(directory, 'page.png')));
    console.log(`written: docs/pictures/${name}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

await draw('ticket.png', PLAIN, 'a4', 'en');
await draw('ticket-scripts.png', SCRIPTS, 'a4', 'de');
await draw('ticket-hostile.png', HOSTILE, 'a4', 'fr');
await draw('ticket-stock.png', PLAIN, 'stock', 'en');
await draw('ticket-roll.png', PLAIN, 'roll', 'es');
