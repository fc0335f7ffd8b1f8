import decodeJpeg, { init as initJpegDecoder } from '@jsquash/jpeg/decode.js';
import jpegDecoder from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import encodeJpeg, { init as initJpegEncoder } from '@jsquash/jpeg/encode.js';
import jpegEncoder from '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm';
import decodePng, { init as initPng } from '@jsquash/png/decode.js';
import png from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm';
import resize, { initResize } from '@jsquash/resize';
import resizer from '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm';
import decodeWebp, { init as initWebpDecoder } from '@jsquash/webp/decode.js';
import webpDecoder from '@jsquash/webp/codec/dec/webp_dec.wasm';
import encodeWebp, { init as initWebpEncoder } from '@jsquash/webp/encode.js';
import webpEncoder from '@jsquash/webp/codec/enc/webp_enc_simd.wasm';

import type { PictureHeader } from './header.ts';

/** Pixels, four bytes each (red, green, blue, opacity), line by line: what a browser calls ImageData. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The codecs make their pixels by a class that browsers have and Node has not. */
class PlainImageData implements ImageData {
  readonly colorSpace = 'srgb';
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

/** Quality of pictures, of 100: what is gone at this quality nobody sees on a screen. */
const QUALITY = 78;

let ready: Promise<unknown> | undefined;

/** Compiles the codecs once for each execution environment; they are in the bundle, nothing is fetched. */
function codecs(): Promise<unknown> {
  Object.assign(globalThis, { ImageData: PlainImageData });
  ready ??= Promise.all([
    WebAssembly.compile(jpegDecoder).then(initJpegDecoder),
    WebAssembly.compile(jpegEncoder).then(initJpegEncoder),
    WebAssembly.compile(png).then(initPng),
    WebAssembly.compile(resizer).then(initResize),
    WebAssembly.compile(webpDecoder).then(initWebpDecoder),
    WebAssembly.compile(webpEncoder).then(initWebpEncoder),
  ]);
  return ready;
}

/** The pixels of a picture, the right way up. @throws when it is damaged */
export async function decode(bytes: Uint8Array<ArrayBuffer>, type: PictureHeader['type']): Promise<Pixels> {
  await codecs();
  const buffer = bytes.slice().buffer;
  switch (type) {
    case 'jpeg':
      return plain(await decodeJpeg(buffer, { preserveOrientation: true }));
    case 'png':
      return plain(await decodePng(buffer));
    case 'webp':
      return plain(await decodeWebp(buffer));
  }
}

function plain({ data, width, height }: Pick<ImageData, 'width' | 'height' | 'data'>): Pixels {
  return new PlainImageData(new Uint8ClampedArray(data), width, height);
}

/** The same picture, smaller. */
export async function shrink(pixels: Pixels, width: number): Promise<Pixels> {
  await codecs();
  if (width >= pixels.width) return pixels;
  const height = Math.max(1, Math.round((pixels.height * width) / pixels.width));
  return plain(await resize(imageDataOf(pixels), { width, height, method: 'lanczos3' }));
}

/** As WebP, which all browsers read. */
export async function toWebp(pixels: Pixels): Promise<Uint8Array> {
  await codecs();
  return new Uint8Array(await encodeWebp(imageDataOf(pixels), { quality: QUALITY }));
}

/** As JPEG, for mails and for what reads no WebP; what shows through becomes white. */
export async function toJpeg(pixels: Pixels): Promise<Uint8Array> {
  await codecs();
  return new Uint8Array(await encodeJpeg(imageDataOf(onWhite(pixels)), { quality: QUALITY }));
}

function imageDataOf({ data, width, height }: Pixels): ImageData {
  return new PlainImageData(data, width, height);
}

function onWhite({ data, width, height }: Pixels): Pixels {
  const opaque = new Uint8ClampedArray(data);
  for (let at = 0; at < opaque.length; at += 4) {
    const opacity = (opaque[at + 3] ?? 255) / 255;
    if (opacity === 1) continue;
    for (let part = at; part < at + 3; part += 1) opaque[part] = (opaque[part] ?? 0) * opacity + 255 * (1 - opacity);
    opaque[at + 3] = 255;
  }
  return new PlainImageData(opaque, width, height);
}
