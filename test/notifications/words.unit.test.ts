import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TicketSheet } from '../../functions/delivery/contract.ts';
import { html } from '../../functions/notifications/domain/html.ts';
import { nextStep, type Notification } from '../../functions/notifications/domain/notification.ts';
import { wordTicketMail, type TicketMail } from '../../functions/notifications/domain/ticket-mail.ts';
import { composeMessage, filesThatFit, usableAddress, type MailFile } from '../../functions/notifications/mime.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { samples } from '../../scripts/mail/samples.ts';
import { STAGES } from '../../lib/stages.ts';

const sheet: TicketSheet = {
  event: { title: 'Harbour Lights', startsAt: Date.parse('2026-12-05T19:00:00Z'), timeZone: 'Europe/Berlin' },
  ticketTypeName: 'Standing',
  orderNumber: 'ON-1',
  number: 'ON-1-1',
  position: 1,
  count: 1,
  code: 'tc_1',
  qr: 'OT1:',
};
const mail: TicketMail = {
  orderNumber: 'ON-1',
  firstName: 'Ada',
  locale: 'en',
  items: [{ name: 'Standing', eventTitle: 'Harbour Lights', quantity: 1, price: { amount: 4_500, currency: 'EUR' } }],
  charges: [
    { name: 'Booking fee', amount: { amount: 300, currency: 'EUR' }, included: false },
    { name: 'VAT 19 %', amount: { amount: 766, currency: 'EUR' }, included: true },
  ],
  total: { amount: 4_800, currency: 'EUR' },
  sheets: [sheet],
  links: new Map([['tc_1', 'https://example.com/ticket#token=x']]),
  orderUrl: 'https://example.com/orders/1',
  possibleDuplicate: false,
  attached: { tickets: true, receipt: true },
};

describe('html', () => {
  it('escapes every value in text and in attributes, and inserts what is HTML already once', () => {
    expect(
      html`<p title="${'"><script>'}">${"a & b's"}${html`<b>${'<'}</b>`}${[html`<i>1</i>`, html`<i>2</i>`]}${3}</p>`
        .source,
    ).toBe('<p title="&quot;&gt;&lt;script&gt;">a &amp; b&#39;s<b>&lt;</b><i>1</i><i>2</i>3</p>');
  });
});

describe('the words of the ticket mail', () => {
  const tagsOf = (source: string): readonly string[] => source.match(/<\/?[a-z]+/gi) ?? [];
  const usual = tagsOf(wordTicketMail(mail, STAGES.local).html);

  it('have the same tags whatever names and titles hold', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>', '"><img src=x>', '</td></table>', '&lt;', '{{constructor}}', '<!--'),
    );
    fc.assert(
      fc.property(texts, texts, texts, (title, name, firstName) => {
        const hostile: TicketMail = {
          ...mail,
          firstName,
          items: mail.items.map((item) => ({ ...item, name, eventTitle: title })),
          sheets: [
            {
              ...sheet,
              ticketTypeName: name,
              accessLevel: name,
              event: { ...sheet.event, title, venueName: name, city: firstName },
            },
          ],
        };
        expect(tagsOf(wordTicketMail(hostile, STAGES.local).html)).toEqual(usual);
      }),
    );
  });

  it('name the event in the subject, shortened, or how many there are', () => {
    expect(wordTicketMail(mail, STAGES.local).subject).toBe('Your tickets: Harbour Lights (ON-1)');
    const long = { ...sheet, event: { ...sheet.event, title: '🎸'.repeat(200) } };
    expect(wordTicketMail({ ...mail, sheets: [long] }, STAGES.local).subject).toBe(
      `Your tickets: ${'🎸'.repeat(79)}… (ON-1)`,
    );
    const other = { ...sheet, event: { ...sheet.event, title: 'Another' } };
    expect(wordTicketMail({ ...mail, sheets: [sheet, other] }, STAGES.local).subject).toBe(
      'Your tickets: 2 events (ON-1)',
    );
  });

  it('say when in the zone of the event', () => {
    expect(wordTicketMail(mail, STAGES.local).text).toContain('Saturday, 5 December 2026, 20:00 CET');
  });
});

describe('files of a mail', () => {
  const file = (megabytes: number): MailFile => ({
    filename: 'a.pdf',
    contentType: 'application/pdf',
    content: new Uint8Array(megabytes * 1024 * 1024),
  });

  it.each([
    [[1], [2, 3], 2],
    [[1], [2, 5], 1],
    [[1], [7, 1], 0],
    [[], [6.5], 1],
  ])('beside %j MB of %j MB are sent: %i', async (needed, wished, count) => {
    const files = [...needed.map(file), ...filesThatFit(needed.map(file), wished.map(file))];
    expect(files).toHaveLength(needed.length + count);
    const content = { subject: 'S', text: 'T', html: 'x'.repeat(200_000), attachments: files };
    const raw = await composeMessage(
      { name: 'Onsale', address: 'a@b.example' },
      { name: 'Ada', address: 'ada@b.example' },
      content,
      { id: '01JD0000000000000000000001', possibleDuplicate: false, at: 0 },
    );
    expect(raw.length).toBeLessThanOrEqual(10 * 1024 * 1024);
  });

  it('are not spoken of where they are not sent: then the mail has the links alone', () => {
    const { html, text } = wordTicketMail({ ...mail, attached: { tickets: false, receipt: false } }, STAGES.local);
    for (const body of [html, text]) {
      expect(body).not.toContain('attached');
      expect(body).toContain('too large for a mail');
      expect(body).toContain('https://example.com/ticket#token=x');
    }
  });
});

describe('what to do about a notification that is there', () => {
  const seen: Notification = { notificationId: 'N', status: 'SENDING', attempts: 1, claimedAt: 0 };

  it.each([
    ['SENT', 0, 'NOTHING'],
    ['FAILED', 0, 'CLAIM'],
    ['DELIVERED', 0, 'NOTHING'],
    ['BOUNCED', 0, 'NOTHING'],
    ['COMPLAINED', 0, 'NOTHING'],
    ['PERMANENTLY_FAILED', 59 * MINUTE, 'PARKED'],
    ['PERMANENTLY_FAILED', 60 * MINUTE, 'CLAIM'],
    ['OBSOLETE', 0, 'NOTHING'],
    ['UNSETTLED', 0, 'PARKED'],
    ['QUEUED', 0, 'CLAIM'],
    ['SENDING', 15 * MINUTE - 1, 'WAIT'],
    ['SENDING', 15 * MINUTE, 'CLAIM'],
  ] as const)('%s after %i ms: %s', (status, now, kind) => {
    expect(nextStep({ ...seen, status }, true, now).kind).toBe(kind);
  });

  it('resends on suspicion once, and only what is worse to lose than to get twice', () => {
    expect(nextStep(seen, true, 15 * MINUTE)).toEqual({ kind: 'CLAIM', possibleDuplicate: true });
    expect(nextStep({ ...seen, possibleDuplicate: true }, true, 15 * MINUTE)).toEqual({ kind: 'PARK' });
    expect(nextStep(seen, false, 15 * MINUTE)).toEqual({ kind: 'PARK' });
  });
});

describe('addresses', () => {
  it.each([
    ['a@b.example', 'a@b.example'],
    ["o'neill+tag@sub.example.co.uk", "o'neill+tag@sub.example.co.uk"],
    ['jo@exämple.de', 'jo@xn--exmple-cua.de'],
  ])('takes %s as %s', (address, usable) => {
    expect(usableAddress(address)).toBe(usable);
  });

  it.each([
    '',
    'a',
    'a@',
    '@b',
    'a@b, c@d',
    'a@b\r\nBcc: c@d',
    'A <a@b>',
    'ünïcode@example.de',
    'a b@c',
    '"a"@b',
    'a@b;c@d',
    `${'x'.repeat(320)}@b`,
  ])('refuses %j', (address) => {
    expect(usableAddress(address)).toBeUndefined();
  });
});

describe('how people are addressed', () => {
  /** Words of the familiar form, which no mail uses: German and Spanish have another one for strangers. */
  const FAMILIAR: Readonly<Record<string, RegExp>> = {
    de: /\b(?:du|dich|dir|dein\w*|euch|euer)\b/i,
    es: /\b(?:tú|tu|tus|te|ti|contigo|vuestr\w*)\b/i,
    fr: /\b(?:tu|toi|ton|tes)\b/i,
  };

  it.each(samples(false, STAGES.local).filter(({ language }) => language in FAMILIAR))(
    '$template in $language as a stranger is',
    ({ language, subject, text }) => {
      expect(`${subject}\n${text}`).not.toMatch(FAMILIAR[language] ?? /^/);
    },
  );
});
