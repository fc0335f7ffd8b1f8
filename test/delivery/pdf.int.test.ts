import jsqr from 'jsqr';
import { describe, expect, it } from 'vitest';

import { signQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import type { TicketSheet } from '../../functions/delivery/contract.ts';
import { illustratedPdf, MOST_TICKET_BYTES, ticketsPdf } from '../../functions/delivery/documents.ts';
import { PRINT_FORMATS, PRINT_LANGUAGES, type PrintFormat } from '../../functions/delivery/holder-contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { makePictures } from '../../functions/catalog/pictures/make-pictures.ts';
import { noisyPng, somePng } from '../support/pictures.ts';
import { pdfStructure, pdfText, renderPdf } from './pixels.ts';

const seeds: TicketSeeds = [new Uint8Array(32).fill(7)];
const issuedAt = Date.parse('2026-11-21T10:00:00Z');
const brand = { name: 'Konzerthaus am Hafen' };

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
    const pages = await renderPdf(await ticketsPdf(sheets, { issuedAt, brand }));
    expect(pages.map(({ data, width, height }) => jsqr.default(data, width, height)?.data)).toEqual(
      sheets.map(({ qr }) => qr),
    );
  });

  it('tells what, when in the event’s own zone, where and which', async () => {
    const text = await pdfText(await ticketsPdf([sheet(1, 2, { holderName: 'Ada Lovelace' })], { issuedAt, brand }));
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

  it.each(PRINT_FORMATS)('keeps to its page and its code readable whatever the texts hold, as %s', async (format) => {
    const pdf = await ticketsPdf([sheet(1, 1, hostile)], { issuedAt, brand, format });
    const pages = await renderPdf(pdf, 150);
    expect(pages).toHaveLength(1);
    const [page] = pages;
    expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(sheet(1, 1).qr);
    const text = await pdfText(pdf);
    expect(text).toContain('Ελληνική Ночь');
    expect(text).not.toContain('\u202E');
    expect(pdf.length).toBeLessThan(150 * 1024);
  });

  it.each([
    ['Latin', 'Żółć Ñandú Tiếng Việt'],
    ['Greek and Cyrillic', 'Ελληνικά Кириллица'],
    ['Arabic', 'محمد بن عبد السيد الخوارزمي'],
    ['Hebrew', 'רחל כהן'],
    ['Japanese', '山田太郎 さくら アキラ'],
    ['Chinese', '李小龍 王芳'],
    ['Korean', '김철수 박서연'],
    ['Hindi', 'नई'],
    ['Thai', 'ไทยทดสอบ'],
    ['Armenian', 'Հայերեն'],
    ['Georgian', 'ქართული'],
    ['Ethiopic', 'አማርኛ'],
  ])('sets a name in %s, whole and in its order', async (_script, holderName) => {
    const pdf = await ticketsPdf([sheet(1, 1, { holderName })], { issuedAt, brand });
    // Poppler puts marks around what runs from right to left.
    const text = (await pdfText(pdf)).normalize('NFKC').replaceAll(/[\u202A-\u202E\u200E\u200F]/g, '');
    expect(text).toContain(holderName.normalize('NFKC'));
    expect(text).not.toContain('\uFFFD');
    expect(pdf.length).toBeLessThan(150 * 1024);
  });

  it('shows pictures of emoji, joined and flagged ones too, and what no font has as a replacement character', async () => {
    const pdf = await ticketsPdf([sheet(1, 1, { holderName: '🎸 👩‍👩‍👧‍👦 ⚡ ❤️ 🇩🇪' })], { issuedAt, brand });
    expect(await pdfText(pdf)).not.toContain('\uFFFD');
    const unknown = await ticketsPdf([sheet(1, 1, { holderName: '𒀀𒁀' })], { issuedAt, brand });
    expect(await pdfText(unknown)).toContain('\uFFFD');
  });

  it('tells its structure to who listens to it: title, texts, what the code is', async () => {
    const holderName = 'محمد الخوارزمي';
    const pdf = await ticketsPdf([sheet(1, 2, { holderName }), sheet(2, 2)], { issuedAt, brand, language: 'fr' });
    const structure = await pdfStructure(pdf);
    expect(structure).toContain('Tagged:          yes');
    expect(structure.match(/Sect "Billet ON-7K3M-Q2XD-\d"/g)).toHaveLength(2);
    expect(structure).toMatch(/H1 \(block\)\s+"Harbour Lights"/);
    // In the order of reading, not of drawing: UTF-16, as PDF has it.
    const told = Buffer.from(holderName, 'utf16le').swap16().toString('latin1');
    expect(Buffer.from(pdf).toString('latin1')).toContain(`/ActualText (\xFE\xFF${told})`);
    expect(Buffer.from(pdf).toString('latin1')).toMatch(/\/Alt \(/);
  });

  it.each(PRINT_LANGUAGES)('has a date and our own words in %s', async (language) => {
    const text = await pdfText(await ticketsPdf([sheet(1, 1)], { issuedAt, brand, language }));
    const date = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      weekday: 'long',
      timeZone: 'Asia/Tokyo',
    }).format(sheet(1, 1).event.startsAt);
    expect(text).toContain(date);
  });

  it('shows the event’s picture, kept once for all tickets, and does without one that is broken', async () => {
    const withPicture = (position: number): TicketSheet =>
      sheet(position, 3, { event: { ...sheet(1, 1).event, imageId: 'one' } });
    const sheets = [1, 2, 3].map(withPicture);
    const made = await makePictures(somePng(900, 500));
    const picture = made.ok
      ? made.value.pictures.find(({ width, type }) => width === 640 && type === 'jpg')?.bytes
      : undefined;
    if (picture === undefined) throw new Error('No picture was made');
    const plain = await ticketsPdf(
      [1, 2, 3].map((position) => sheet(position, 3)),
      { issuedAt, brand },
    );
    const shown = await ticketsPdf(sheets, { issuedAt, brand, images: new Map([['one', picture]]) });
    expect(shown.length - plain.length).toBeGreaterThan(picture.length / 2);
    expect(shown.length - plain.length).toBeLessThan(picture.length * 2 + 6_000);
    const pages = await renderPdf(shown);
    expect(pages.map(({ data, width, height }) => jsqr.default(data, width, height)?.data)).toEqual(
      sheets.map(({ qr }) => qr),
    );
    const broken = await ticketsPdf(sheets, { issuedAt, brand, images: new Map([['one', Buffer.from('no picture')]]) });
    expect(await renderPdf(broken)).toHaveLength(3);
  });

  describe('with a picture of noise, which no codec makes small', () => {
    const event = { ...sheet(1, 1).event, imageId: 'one' };
    const letters = (from: number, count: number): string =>
      String.fromCodePoint(...Array.from({ length: count }, (_unused, index) => from + index * 7));
    // Each letter another one: of each its shape is embedded.
    const chinese = letters(0x4e00, 300);
    const overlong: Partial<TicketSheet> = {
      event: { ...event, title: letters(0x5a00, 200), venueName: letters(0x6000, 100) },
      ticketTypeName: letters(0x6800, 100),
      holderName: chinese,
    };
    const texts: readonly (readonly [string, Partial<TicketSheet>])[] = [
      ['a normal ticket', { event }],
      ['Chinese', { event, holderName: chinese }],
      ['hostile', { ...hostile, event: { ...hostile.event, imageId: 'one' } }],
    ];
    const cases = texts.flatMap(([name, as]) => PRINT_FORMATS.map((format) => [name, format, as] as const));

    /** The pictures of a bucket. */
    async function noise(): Promise<ReadonlyMap<number, Uint8Array<ArrayBuffer>>> {
      const made = await makePictures(noisyPng(640, 360, 3));
      if (!made.ok) throw new Error('No picture was made');
      const jpegs = made.value.pictures.filter(({ type }) => type === 'jpg');
      return new Map(jpegs.map(({ width, bytes }) => [width, new Uint8Array(bytes)]));
    }

    async function illustrated(of: TicketSheet, format: PrintFormat): Promise<Uint8Array> {
      const pictures = await noise();
      const read = (key: string) => Promise.resolve(pictures.get(Number(/(\d+)\.jpg$/.exec(key)?.[1])));
      const events = new Map([['event', { image: { imageId: 'one', widths: [...pictures.keys()] } }]]);
      return illustratedPdf({ read }, [of], events, { issuedAt, brand, format });
    }

    it('leaves a normal ticket its picture', async () => {
      const pdf = await illustrated(sheet(1, 1, { event }), 'a4');
      const widest = (await noise()).get(640) ?? new Uint8Array();
      // As it came from the bucket.
      expect(Buffer.from(pdf).includes(Buffer.from(widest))).toBe(true);
    });

    it('has all its texts and no picture where texts alone are more than that', async () => {
      const of = sheet(1, 1, overlong);
      const pdf = await illustrated(of, 'a4');
      expect(pdf.length).toBeGreaterThan(MOST_TICKET_BYTES);
      expect(Buffer.compare(pdf, await ticketsPdf([of], { issuedAt, brand }))).toBe(0);
    });

    it.each(cases)('keeps %s to 150 KB, %s', async (_name, format, as) => {
      const of = sheet(1, 1, as);
      const pdf = await illustrated(of, format);
      expect(pdf.length).toBeLessThanOrEqual(MOST_TICKET_BYTES);
      const [page] = await renderPdf(pdf);
      expect(page === undefined ? undefined : jsqr.default(page.data, page.width, page.height)?.data).toBe(of.qr);
    });
  });

  it('says from which age, until when it may be given back, and whose it is', async () => {
    const event = { ...sheet(1, 1).event, terms: { ageLimit: 16, cancelHours: 48 } };
    const text = await pdfText(await ticketsPdf([sheet(1, 1, { event })], { issuedAt, brand }));
    expect(text).toContain('from 16 years');
    expect(text).toContain(brand.name);
    expect(text).not.toContain('Onsale');
    expect(text).toContain('48 hours');
  });

  it('is a small attachment, and the same bytes for the same tickets', async () => {
    const many = Array.from({ length: 20 }, (_unused, index) => sheet(index + 1, 20));
    const pdf = await ticketsPdf(many, { issuedAt, brand });
    // Of each page, half is its structure.
    expect(pdf.length).toBeLessThan(200 * 1024);
    expect((await ticketsPdf([sheet(1, 1)], { issuedAt, brand })).length).toBeLessThan(30 * 1024);
    expect(Buffer.compare(pdf, await ticketsPdf(many, { issuedAt, brand }))).toBe(0);
  });

  it('prints the largest order there can be', async () => {
    const pdf = await ticketsPdf(
      Array.from({ length: 60 }, (_unused, index) => sheet(index + 1, 60)),
      { issuedAt, brand },
    );
    // About 8 KB a page: sixty are still a tenth of what a mail may carry.
    expect(pdf.length).toBeLessThan(600 * 1024);
  });
});
