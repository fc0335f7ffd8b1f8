import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { MOST_UPLOAD_BYTES } from '../image-routes.ts';
import { decode, shrink, toJpeg, toWebp, type Pixels } from './codecs.ts';
import { readHeader } from './header.ts';

/** Pixels: 6,000 by 4,000. Decoded they are 96 MB, of which the codecs hold three copies at a time. */
export const MOST_PIXELS = 24_000_000;
/** Less is not worth showing: pixels. */
const LEAST_WIDTH = 320;
const LEAST_HEIGHT = 180;
/** Widths that pictures are made in: for phones to large screens. */
const WIDTHS = [320, 640, 1_280, 1_920] as const;

/** One picture that was made. */
export interface MadePicture {
  readonly width: number;
  readonly type: 'webp' | 'jpg';
  readonly bytes: Uint8Array;
}

/** What became of an upload. */
export interface Pictures {
  /** Pixels of what was uploaded, the right way up. */
  readonly width: number;
  readonly height: number;
  readonly widths: readonly number[];
  readonly pictures: readonly MadePicture[];
}

/** Why an upload is refused, in words for who uploaded it. */
export type Refusal = string;

/**
 * Makes the pictures of an upload. Only pixels go from it into them: no place, time, device, comment or hidden
 * file that came with them. What it is, it must say in its first bytes, and how large, before anything is decoded.
 *
 * @returns why it is refused: no picture, too large or small, damaged
 */
export async function makePictures(bytes: Uint8Array<ArrayBuffer>): Promise<Result<Pictures, Refusal>> {
  if (bytes.length > MOST_UPLOAD_BYTES) return err('The file is larger than 10 MB.');
  const header = readHeader(bytes);
  if (header === undefined) return err('This is no JPEG, PNG or still WebP picture.');
  if (header.width * header.height > MOST_PIXELS) return err('The picture has more than 24 million pixels.');
  if (header.width < LEAST_WIDTH || header.height < LEAST_HEIGHT)
    return err(`The picture must be at least ${LEAST_WIDTH} pixels wide and ${LEAST_HEIGHT} high.`);
  let pixels: Pixels;
  try {
    pixels = await decode(bytes, header.type);
  } catch {
    // Whatever a codec says of a damaged file, it says of the file.
    return err('The picture is damaged.');
  }
  const { width, height } = pixels;
  const widths = [...WIDTHS.filter((each) => each < width), Math.min(width, 1_920)];
  const distinct = [...new Set(widths)];
  const pictures: MadePicture[] = [];
  // Each from the one before it, largest first: a tenth of the work of going back to the upload.
  for (const each of distinct.toReversed()) {
    pixels = await shrink(pixels, each);
    pictures.push({ width: each, type: 'webp', bytes: await toWebp(pixels) });
    pictures.push({ width: each, type: 'jpg', bytes: await toJpeg(pixels) });
  }
  return ok({ width, height, widths: distinct, pictures });
}
