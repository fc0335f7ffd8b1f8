/** What a picture says of itself before anything of it is decoded. */
export interface PictureHeader {
  readonly type: 'jpeg' | 'png' | 'webp';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Reads type and size of a picture from its first bytes, whatever it is called. Nothing is decoded, so a few bytes
 * that claim to be a gigabyte of pixels cost nothing.
 *
 * @returns undefined for what is neither JPEG, PNG nor a still WebP
 */
export function readHeader(bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readPng(view) ?? readWebp(view) ?? readJpeg(view);
  } catch (error) {
    // A header that ends before it says how large the picture is.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** PNG 1.2, 5.2 and 11.2.2: the signature, then the header chunk. */
function readPng(view: DataView): PictureHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return undefined;
  if (textAt(view, 12, 4) !== 'IHDR') return undefined;
  return { type: 'png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** RFC 9649: a RIFF file whose first chunk is lossy, lossless or extended. Animations are no stills. */
function readWebp(view: DataView): PictureHeader | undefined {
  if (textAt(view, 0, 4) !== 'RIFF' || textAt(view, 8, 4) !== 'WEBP') return undefined;
  switch (textAt(view, 12, 4)) {
    case 'VP8 ':
      return { type: 'webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { type: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      if ((view.getUint8(20) & 0x02) !== 0) return undefined;
      return { type: 'webp', width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      return undefined;
  }
}

/** Markers of a JPEG that start a frame (ITU T.81, table B.1): all SOFn but DHT, JPG and DAC. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

function readJpeg(view: DataView): PictureHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (FRAMES.has(marker)) return { type: 'jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Fill bytes before a marker.
    if (marker === 0xff) at += 1;
    else at += 2 + view.getUint16(at + 2);
  }
}

function textAt(view: DataView, at: number, length: number): string {
  return String.fromCodePoint(...Array.from({ length }, (_unused, index) => view.getUint8(at + index)));
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_00_00;
}
