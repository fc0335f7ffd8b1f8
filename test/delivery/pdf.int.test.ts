import jsqr from 'jsqr';
import { describe, expect, it } from 'vitest';

import { signQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import type { TicketSheet } from '../../functions/delivery/contract.ts';
import { ticketsPdf } from '../../functions/delivery/documents.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { pdfText, renderPdf } from './pixels.ts';

const seeds: TicketSeeds = [new Uint8Array(32).fill(7)];
const issuedAt = Date.parse('2026-11-21T10:00:00Z');

function sheet(position: number, count: number, as: Partial<TicketSheet> = {}): TicketSheet {
  const ticketId = ticketIdOf('01JD000000000000000000000A', '1', position - 1);
  const validUntil = Date.parse('2026-12-06T10:00:00Z');
  return {
    event: {
      title: 'Harbour Lights',
      startsAt: Date.parse('2026-12-05T23:30:00Z'),
      timeZone: 'Asia/Tokyo',
      venueName: 'Pakhuis Noord',
      city: 'Rotterdam',
    },
    ticketTypeName: 'Standing',
    accessLevel: 'Main floor',
    orderNumber: 'ON-7K3M-Q2XD',
    number: `ON-7K3M-Q2XD-${position}`,
    position,
    count,
    code: `tc_${ticketId}`,
    qr: signQr(seeds, {
      eventId: '01JD0000000000000000000001',
      ticketId,
      ticketVersion: 1,
      validUntil,
      accessLevel: 'Main floor',
    }),
    ...as,
  };
}

/** Texts that have broken printers before: other scripts, emoji, controls, endless words (failure 62). */
const hostile = {
  event: {
    ...sheet(1, 1).event,
    title: `🎸 العربية Ελληνική Ночь \u202Eevil\r\n</Title> 東京 ${'endless '.repeat(60)}`,
    venueName: 'Donaudampfschiff'.repeat(20),
    city: 'नई दिल्ली \uD800 \0',
  },
  ticketTypeName: 'W'.repeat(300),
  accessLevel: '👩‍👩‍👧‍👦 Ⅷ ⚡',
  holderName: `Ñandú Żółć ${'x'.repeat(300)}`,
} as const;

describe('ticket PDF', () => {
  it('shows each ticket’s own code on its own page, readable from the pixels', async () => {
    const sheets = [sheet(1, 2), sheet(2, 2)];
    const pages = await renderPdf(await ticketsPdf(sheets, issuedAt));
    expect(pages.map(({ data, width, height }) => jsqr.default(data, width, height)?.data)).toEqual(
      sheets.map(({ qr }) => qr),
    );
  });

  it('tells what, when in the event’s own zone, where and which', async () => {
    const text = await pdfText(await ticketsPdf([sheet(1, 2, { holderName: 'Ada Lovelace' })], issuedAt));
    for (const shown of [
      'Harbour Lights',
      'Sunday, 6 December 2026',
      '08:30',
      'GMT+9',
      'Pakhuis Noord, Rotterdam',
      'Standing',
      'Main floor',
      'Ada Lovelace',
      'ON-7K3M-Q2XD-1',
      '1 of 2',
      sheet(1, 2).code,
    ]) {
      expect(text).toContain(shown);
    }
  });

  it('keeps to its page and its code readable whatever the texts hold, and shows what it cannot print', async () => {
    const pdf = await ticketsPdf([sheet(1, 1, hostile)], issuedAt);
    const pages = await renderPdf(pdf);
    expect(pages).toHaveLength(1);
    const [page] = pages;
    expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(sheet(1, 1).qr);
    const text = await pdfText(pdf);
    expect(text).toContain('Ελληνική Ночь');
    expect(text).toContain('\uFFFD');
    expect(text).not.toContain('\u202E');
  });

  it('is a small attachment, and the same bytes for the same tickets', async () => {
    const many = Array.from({ length: 20 }, (_unused, index) => sheet(index + 1, 20));
    const pdf = await ticketsPdf(many, issuedAt);
    expect(pdf.length).toBeLessThan(150 * 1024);
    expect((await ticketsPdf([sheet(1, 1)], issuedAt)).length).toBeLessThan(30 * 1024);
    expect(Buffer.compare(pdf, await ticketsPdf(many, issuedAt))).toBe(0);
  });

  it('prints the largest order there can be', async () => {
    const pdf = await ticketsPdf(
      Array.from({ length: 60 }, (_unused, index) => sheet(index + 1, 60)),
      issuedAt,
    );
    // About 4 KB a page: sixty are still a tenth of what a mail may carry.
    expect(pdf.length).toBeLessThan(300 * 1024);
  });
});
