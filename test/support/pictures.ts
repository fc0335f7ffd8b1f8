import { PNG } from 'pngjs';

import type { Person } from './shop.ts';

/** A small picture with a gradient, as PNG. */
export function somePng(width = 400, height = 300): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width, height });
  for (let at = 0; at < png.data.length; at += 4) {
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    png.data.set([Math.floor((x / width) * 255), Math.floor((y / height) * 255), 160, 255], at);
  }
  return new Uint8Array(PNG.sync.write(png));
}

/** A picture of squares of any grey, the same at each call, as PNG: JPEG makes little of it. @param side of a square, in pixels */
export function noisyPng(width: number, height: number, side: number): Uint8Array<ArrayBuffer> {
  const png = new PNG({ width, height });
  for (let at = 0; at < png.data.length; at += 4) {
    const [x, y] = [Math.floor(((at / 4) % width) / side), Math.floor(at / 4 / width / side)];
    const grey = Math.imul(Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b), 0xc2b2ae35) >>> 24;
    png.data.set([grey, grey, grey, 255], at);
  }
  return new Uint8Array(PNG.sync.write(png));
}

const WITHIN_MS = 20_000;

/**
 * Uploads a picture of an event as a browser does, and waits until it has been looked at.
 *
 * @returns READY, or why it was refused
 */
export async function uploadPicture(
  organizer: Person,
  eventId: string,
  contentType: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const asked = await organizer.call('POST', `/api/events/${eventId}/image`, { contentType, bytes: bytes.length });
  if (asked.status !== 201) throw new Error(`Asking for an upload: ${asked.text}`);
  const { method, url, headers } = asked.json.upload;
  const sent = await fetch(url, { method, headers, body: bytes });
  if (!sent.ok) throw new Error(`Uploading: ${sent.status} ${await sent.text()}`);
  for (const deadline = Date.now() + WITHIN_MS; Date.now() < deadline;) {
    const { imageUpload } = (await organizer.call('GET', `/api/events/${eventId}`)).json;
    if (imageUpload.state !== 'WAITING') return imageUpload.reason ?? imageUpload.state;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error('Nobody looked at the upload');
}
