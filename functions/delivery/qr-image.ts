import { toBuffer } from 'qrcode';

/** Pixels a module: 318 × 318 for a usual code, sharp on a phone and small in a mail. */
const SCALE = 6;

/** The QR code of `text` as a PNG, at level M with the quiet zone of ISO/IEC 18004. */
export async function qrPng(text: string): Promise<Uint8Array> {
  return toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: SCALE });
}
