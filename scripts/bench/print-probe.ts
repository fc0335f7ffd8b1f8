import { signQr } from '../../functions/delivery/codes.ts';
import type { TicketSheet } from '../../functions/delivery/contract.ts';
import { ticketsPdf } from '../../functions/delivery/documents.ts';

/*
 * Run in a process of its own by rows-print.ts: draws as many A4 tickets as argv[3] says, one after the other, with the texts that
 * argv[2] names, and prints the milliseconds of processor that each took.
 */

const PLAIN: TicketSheet = {
  event: {
    title: 'Harbour Lights',
    startsAt: Date.parse('2026-12-05T19:30:00Z'),
    endsAt: Date.parse('2026-12-05T22:30:00Z'),
    timeZone: 'Europe/Amsterdam',
    venueName: 'Pakhuis Noord',
    city: 'Rotterdam',
    terms: { ageLimit: 16, cancelHours: 48 },
  },
  ticketTypeName: 'Standing',
  seat: 'Stalls, row 5, seat 12',
  accessLevel: 'Main floor',
  holderName: 'Ada Lovelace',
  orderNumber: 'ON-7K3M-Q2XD',
  number: 'ON-7K3M-Q2XD-1',
  position: 1,
  count: 2,
  code: 'tc_01JD0000000000000000000002',
  qr: signQr([new Uint8Array(32).fill(7)], {
    eventId: '01JD0000000000000000000001',
    ticketId: '01JD0000000000000000000002',
    ticketVersion: 1,
    validUntil: Date.parse('2026-12-06T10:00:00Z'),
    accessLevel: 'Main floor',
  }),
};
const SHEETS: ReadonlyMap<string, TicketSheet> = new Map([
  ['plain', PLAIN],
  [
    'scripts',
    {
      ...PLAIN,
      event: { ...PLAIN.event, title: 'ليلة الموسيقى (2026) 🎸 港の光', venueName: 'היכל התרבות', city: 'नई दिल्ली' },
      ticketTypeName: 'Ελληνικά · Кириллица · ไทย',
      holderName: '山田太郎 김철수 محمد الخوارزمي רחל כהן 👩‍👩‍👧‍👦',
    },
  ],
]);

const [, , texts = '', count = ''] = process.argv;
const sheet = SHEETS.get(texts);
if (sheet === undefined) throw new Error(`There are no texts called ${texts}`);
const spent: number[] = [];
for (let drawn = 0; drawn < Number(count); drawn += 1) {
  const before = process.cpuUsage();
  await ticketsPdf([sheet], { issuedAt: 0, brand: { name: 'Onsale' } });
  const { user, system } = process.cpuUsage(before);
  spent.push((user + system) / 1_000);
}
process.stdout.write(JSON.stringify(spent));
