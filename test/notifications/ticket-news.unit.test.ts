import { describe, expect, it } from 'vitest';

import {
  wordOfferMail,
  wordPassedOnMail,
  wordReceivedMail,
  wordReissuedMail,
  type TicketNews,
} from '../../functions/notifications/domain/ticket-news.ts';
import { LANGUAGES } from '../../functions/notifications/domain/languages.ts';
import { composeMessage } from '../../functions/notifications/mime.ts';
import { STAGES } from '../../lib/stages.ts';

const HOSTILE = '<script>alert(1)</script>\r\nBcc: victim@example.com {{constructor}} =HYPERLINK("x")';
const news = (language: TicketNews['language'], title = 'Harbour Lights', firstName = 'Ada'): TicketNews => ({
  language,
  firstName,
  ticketNumber: 'ON-1-1',
  event: { title, startsAt: Date.parse('2026-12-05T19:00:00Z'), timeZone: 'Europe/Berlin', city: title },
});
const offer = {
  giver: 'Ada Lovelace',
  expiresAt: Date.parse('2026-12-01T00:00:00Z'),
  url: 'https://onsale.test/x#token=y',
};

describe.each(LANGUAGES)('mails about a ticket in %s', (language) => {
  it.each([
    ['offered', wordOfferMail(news(language), offer, STAGES.local), offer.url],
    ['received', wordReceivedMail(news(language), 'https://onsale.test/t', STAGES.local), 'https://onsale.test/t'],
    ['reissued', wordReissuedMail(news(language), 'https://onsale.test/t', STAGES.local), 'https://onsale.test/t'],
    ['passed on', wordPassedOnMail(news(language), STAGES.local), 'Harbour Lights'],
  ])('say that it is %s, what it is for, and where to go', (_what, mail, told) => {
    for (const body of [mail.text, mail.html]) {
      expect(body).toContain(told);
      expect(body).toContain('Harbour Lights');
      expect(body).not.toMatch(/undefined|\{\w+\}|\[object/);
    }
    expect(mail.html).toContain(`<html lang="${language}" `);
  });

  it('let no name or title become markup, a header or a recipient', async () => {
    const mails = [
      wordOfferMail(news(language, HOSTILE), { ...offer, giver: HOSTILE }, STAGES.local),
      wordReceivedMail(news(language, HOSTILE, HOSTILE), 'https://onsale.test/t', STAGES.local),
      wordPassedOnMail(news(language, HOSTILE, HOSTILE), STAGES.local),
      wordReissuedMail(news(language, HOSTILE, HOSTILE), 'https://onsale.test/t', STAGES.local),
    ];
    for (const mail of mails) {
      expect(mail.html).not.toContain('<script>');
      const to = { name: HOSTILE, address: 'ada@example.com' };
      const notification = { id: '01JD0000000000000000000001', possibleDuplicate: false, at: 0 };
      const raw = await composeMessage(
        { name: HOSTILE, address: 'Onsale <tickets@onsale.test>' },
        to,
        { ...mail, attachments: [] },
        notification,
      );
      const headers = Buffer.from(raw).toString().split('\r\n\r\n')[0] ?? '';
      expect(headers).not.toMatch(/^Bcc:/im);
      // An id of two parts in angle brackets (RFC 5322, 3.6.4).
      expect(headers).toMatch(/^Message-ID: <01JD0000000000000000000001\.0@onsale\.test>$/m);
    }
  });
});
