import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';

import { isLost } from '../../functions/catalog/domain/images.ts';
import { decode, toJpeg, toWebp, type Pixels } from '../../functions/catalog/pictures/codecs.ts';
import { readHeader } from '../../functions/catalog/pictures/header.ts';
import { makePictures, type Pictures } from '../../functions/catalog/pictures/make-pictures.ts';
import { s3Objects } from '../../functions/catalog/pictures/store.ts';
import { DAY, MINUTE } from '../../functions/shared/kernel/clock.ts';

/** A picture whose left half is red and whose right half is blue, darker towards the bottom. */
function halves(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const level = 255 - Math.floor((y / height) * 128);
      data.set(x < width / 2 ? [level, 0, 0, 255] : [0, 0, level, 255], (y * width + x) * 4);
    }
  }
  return { data, width, height };
}

function toPng({ data, width, height }: Pixels): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return new Uint8Array(PNG.sync.write(png));
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function made(bytes: Uint8Array): Promise<Pictures> {
  const done = await makePictures(own(bytes));
  if (!done.ok) throw new Error(done.error);
  return done.value;
}

/** `red`, `blue` or `other` at a place given in parts of the whole. */
function colourAt({ data, width, height }: Pixels, across: number, down: number): string {
  const at = (Math.floor(down * height) * width + Math.floor(across * width)) * 4;
  const [red = 0, , blue = 0] = data.subarray(at, at + 4);
  if (red > 90 && blue < 60) return 'red';
  return blue > 90 && red < 60 ? 'blue' : 'other';
}

/** An EXIF segment that says "turned by 90 degrees" and where the camera was. */
function withExif(jpeg: Uint8Array): Uint8Array {
  const exif = Buffer.concat([
    Buffer.from('Exif\0\0MM\0*\0\0\0\u0008', 'latin1'),
    Buffer.from([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]),
    Buffer.from('secret place 53.5N 9.9E', 'latin1'),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(exif.length + 2);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, exif, jpeg.subarray(2)]);
}

describe('pictures of an upload', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('are made in all sizes from %s, and show the same', async (type) => {
    const original = halves(1_400, 800);
    const bytes = { png: toPng, jpeg: toJpeg, webp: toWebp }[type](original);
    const { width, height, widths, pictures } = await made(await bytes);
    expect([width, height, widths]).toEqual([1_400, 800, [320, 640, 1_280, 1_400]]);
    expect(pictures).toHaveLength(8);
    for (const picture of pictures) {
      const header = readHeader(picture.bytes);
      expect(header).toEqual({
        type: picture.type === 'jpg' ? 'jpeg' : 'webp',
        width: picture.width,
        height: Math.round((picture.width * 800) / 1_400),
      });
      const pixels = await decode(own(picture.bytes), picture.type === 'jpg' ? 'jpeg' : 'webp');
      expect([colourAt(pixels, 0.25, 0.5), colourAt(pixels, 0.75, 0.5)]).toEqual(['red', 'blue']);
    }
  });

  it('are the right way up, and tell nothing of where and with what they were taken', async () => {
    const upload = withExif(await toJpeg(halves(800, 600)));
    expect(Buffer.from(upload).includes('secret place')).toBe(true);
    const { width, height, pictures } = await made(upload);
    expect([width, height], 'turned').toEqual([600, 800]);
    for (const { type, bytes } of pictures) {
      expect(Buffer.from(bytes).includes('secret')).toBe(false);
      expect(Buffer.from(bytes).includes('Exif')).toBe(false);
      const pixels = await decode(own(bytes), type === 'jpg' ? 'jpeg' : 'webp');
      // Turned clockwise: what was left is above.
      expect([colourAt(pixels, 0.5, 0.2), colourAt(pixels, 0.5, 0.8)]).toEqual(['red', 'blue']);
    }
  });

  it('have white where JPEG cannot be seen through', async () => {
    const clear = halves(400, 300);
    for (let at = 3; at < clear.data.length; at += 4) clear.data[at] = 0;
    const { pictures } = await made(toPng(clear));
    const jpeg = pictures.find(({ type }) => type === 'jpg');
    const { data } = await decode(own(jpeg?.bytes ?? new Uint8Array()), 'jpeg');
    expect(Math.min(...data.subarray(0, 4))).toBeGreaterThan(250);
  });
});

describe('what is refused', () => {
  const pngOf = (width: number, height: number): Uint8Array => {
    const png = toPng(halves(320, 200));
    const view = new DataView(png.buffer);
    view.setUint32(16, width);
    view.setUint32(20, height);
    return png;
  };

  it.each([
    ['no picture', Buffer.from('%PDF-1.7 this is no picture, whatever its name says')],
    ['a script in SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['nothing', new Uint8Array()],
    ['only a signature', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['a JPEG of two bytes', Buffer.from([0xff, 0xd8])],
    ['an animation', Buffer.from('RIFF\0\0\0\0WEBPVP8X\u000a\0\0\0\u0002\0\0\0\0\u0004\0\0\u0004\0', 'latin1')],
    ['a GIF', Buffer.from('GIF89a\u0040\u0001\u00c8\0', 'latin1')],
    ['too small', toPng(halves(100, 100))],
    ['cut off', toPng(halves(400, 300)).subarray(0, 300)],
    ['more than 10 MB', new Uint8Array(10 * 1_024 * 1_024 + 1)],
  ])('%s', async (_what, bytes) => {
    expect((await makePictures(own(bytes))).ok).toBe(false);
  });

  it('a few bytes that claim to be gigabytes of pixels, before anything is decoded', async () => {
    const before = process.memoryUsage().rss;
    for (const [width, height] of [
      [60_000, 60_000],
      [2 ** 31 - 1, 1_000],
      [24_001, 1_000],
    ] as const)
      expect(await makePictures(own(pngOf(width, height)))).toEqual({
        ok: false,
        error: 'The picture has more than 24 million pixels.',
      });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_024 * 1_024);
  });

  it('pixels that do not fit the size that the header names', async () => {
    expect((await makePictures(own(pngOf(2_000, 2_000)))).ok).toBe(false);
  });
});

it('an upload of which nothing has come in half an hour is told as lost, and no other', () => {
  const since = Date.UTC(2027, 0, 15);
  const upload = { imageId: 'i', state: 'WAITING', since } as const;
  expect([24, 25].map((minutes) => isLost(upload, since + minutes * MINUTE))).toEqual([false, true]);
  expect(isLost({ ...upload, state: 'REFUSED' }, since + DAY)).toBe(false);
});

describe('what the bucket does not have', () => {
  const s3 = mockClient(S3Client);
  const answered = (error: Error): Promise<unknown> => {
    s3.reset();
    s3.on(GetObjectCommand).rejects(error);
    return s3Objects('pictures').read('pictures/x/320.webp');
  };
  const known = { $fault: 'client', $metadata: {}, message: '' } as const;

  it('is absent, also where AWS calls it forbidden to who may not list the bucket', async () => {
    expect(await answered(new NoSuchKey(known))).toBeUndefined();
    expect(await answered(new S3ServiceException({ ...known, name: 'AccessDenied' }))).toBeUndefined();
  });

  it('is told from a bucket that does not answer', async () => {
    await expect(answered(new S3ServiceException({ ...known, name: 'SlowDown', message: 'Slower' }))).rejects.toThrow(
      'Slower',
    );
  });
});
