import { verify, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import jsqr from 'jsqr';
import { create } from 'qrcode';
import { describe, expect, it } from 'vitest';

import { decodeBase45, encodeBase45 } from '../../functions/delivery/domain/base45.ts';
import { publicKeyOf, signQr, verifyQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import type { QrSubject } from '../../functions/delivery/contract.ts';
import { qrPng } from '../../functions/delivery/documents.ts';
import { encodeUlid } from '../../functions/shared/kernel/ids.ts';
import { readPng } from './pixels.ts';

const seeds: TicketSeeds = [new Uint8Array(32).fill(7)];
const other: TicketSeeds = [new Uint8Array(32).fill(8)];

const ulids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(encodeUlid);
const subjects: fc.Arbitrary<QrSubject> = fc.record({
  eventId: ulids,
  ticketId: ulids,
  ticketVersion: fc.integer({ min: 1, max: 65_535 }),
  validUntil: fc.integer({ min: 0, max: 4_294_967_295 }).map((seconds) => seconds * 1_000),
  accessLevel: fc
    .string({ unit: 'grapheme', maxLength: 8 })
    .filter((text) => Buffer.byteLength(text) <= 32 && text.isWellFormed()),
});
const subject: QrSubject = {
  eventId: '01JD0000000000000000000001',
  ticketId: '01JD0000000000000000000002',
  ticketVersion: 1,
  validUntil: Date.parse('2026-12-06T10:00:00Z'),
  accessLevel: 'Main floor',
};

describe('signed QR code', () => {
  it('says what was signed', () => {
    fc.assert(
      fc.property(subjects, (given) => {
        const read = verifyQr(seeds, signQr(seeds, given));
        expect(read.ok && read.value).toMatchObject(given);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same text each time, so that it need not be stored', () => {
    expect(signQr(seeds, subject)).toBe(signQr(seeds, subject));
  });

  it('is forged once any single bit is changed', () => {
    const text = signQr(seeds, subject);
    const bytes = decodeBase45(text.slice(4)) ?? new Uint8Array();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), (bit) => {
        const changed = Uint8Array.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyQr(seeds, `OT1:${encodeBase45(changed)}`)).toMatchObject({ ok: false, error: { code: 'FORGED' } });
      }),
      { numRuns: 200 },
    );
  });

  it('is forged when any text at all is presented', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(verifyQr(seeds, text).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 180 }), (bytes) => {
        expect(verifyQr(seeds, `OT1:${encodeBase45(bytes)}`).ok).toBe(false);
      }),
    );
  });

  it.each([
    ['nothing', '', 'NOT_A_TICKET'],
    ['the code of a ticket instead of its signature', 'tc_01JD0000000000000000000002', 'NOT_A_TICKET'],
    ['another version of the format', signQr(seeds, subject).replace('OT1:', 'OT2:'), 'NOT_A_TICKET'],
    ['no base45', 'OT1:abc', 'MALFORMED'],
    ['the signature left off', signQr(seeds, subject).slice(0, 60), 'MALFORMED'],
    ['a seed that we never had', signQr(other, subject), 'UNKNOWN_KEY'],
    ['something endless', `OT1:${'0'.repeat(5_000)}`, 'NOT_A_TICKET'],
  ])('tells what is wrong with %s', (_what, text, flaw) => {
    expect(verifyQr(seeds, text)).toEqual({ ok: false, error: { code: 'FORGED', flaw } });
  });

  it('is forged when a signature of one event is put on a ticket of another', () => {
    const bytes = decodeBase45(signQr(seeds, subject).slice(4)) ?? new Uint8Array();
    const foreign =
      decodeBase45(signQr(seeds, { ...subject, eventId: '01JD0000000000000000000009' }).slice(4)) ?? new Uint8Array();
    const mixed = Buffer.concat([foreign.subarray(0, -64), bytes.subarray(-64)]);
    expect(verifyQr(seeds, `OT1:${encodeBase45(mixed)}`)).toMatchObject({ error: { flaw: 'BAD_SIGNATURE' } });
  });

  it('still verifies after the seed was rotated, and new codes are signed by the new one', () => {
    const rotated: TicketSeeds = [other[0], seeds[0]];
    expect(verifyQr(rotated, signQr(seeds, subject)).ok).toBe(true);
    expect(signQr(rotated, subject)).toBe(signQr(other, subject));
  });

  it('is verified by the event’s public key alone, as a scanner without a network does', () => {
    const text = signQr(seeds, subject);
    const bytes = Buffer.from(decodeBase45(text.slice(4)) ?? []);
    const spki = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      publicKeyOf(seeds[0], subject.eventId),
    ]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verify(null, Buffer.concat([Buffer.from('OT1:'), bytes.subarray(0, -64)]), key, bytes.subarray(-64))).toBe(
      true,
    );
  });

  it('cuts an access level that is too long at a whole character', () => {
    const read = verifyQr(seeds, signQr(seeds, { ...subject, accessLevel: 'Ränge '.repeat(20) }));
    expect(read.ok && read.value.accessLevel).toBe('Ränge Ränge Ränge Ränge Rän');
  });

  it('fits QR version 10 at level M, in alphanumeric mode, with the longest access level', () => {
    const code = create(signQr(seeds, { ...subject, accessLevel: 'x'.repeat(32) }), { errorCorrectionLevel: 'M' });
    expect(code.version).toBeLessThanOrEqual(8);
    expect(
      create(signQr(seeds, { ...subject, accessLevel: '' }), { errorCorrectionLevel: 'M' }).version,
    ).toBeLessThanOrEqual(7);
    expect(code.segments.map(({ mode }) => mode.id)).not.toContain('Byte');
  });

  it('is read back from its image', async () => {
    const text = signQr(seeds, subject);
    const { data, width, height } = readPng(await qrPng(text));
    expect(jsqr.default(data, width, height)?.data).toBe(text);
  });
});
