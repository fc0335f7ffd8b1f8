import { decodeUlid, encodeUlid } from '../../shared/kernel/ids.ts';
import { MASKS, type Facts } from './document.ts';
import type { SegmentData } from './segment-format.ts';
import { fuzzyTokens, type FuzzyMatch } from './typos.ts';
import { FIRST_SPACELESS } from './text.ts';

/** A part of the index that never changes: documents sorted by start and id, and what their tokens are. */
export class Segment {
  readonly data: SegmentData;
  readonly count: number;
  readonly tokenCount: number;
  /** Tokens before this one are written with spaces, and are what typing errors are forgiven in. */
  readonly #words: number;
  #text: string | undefined;

  constructor(data: SegmentData) {
    this.data = data;
    this.count = data.count;
    this.tokenCount = data.columns.tokenStarts.length - 1;
    this.#words = this.#firstTokenFrom(String.fromCharCode(FIRST_SPACELESS));
  }

  /** The number of the document of `eventId`, or -1. */
  find(eventId: string): number {
    const id = decodeUlid(eventId);
    const { byId } = this.data.columns;
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const document = byId[middle] ?? 0;
      const order = this.compareId(document, id);
      if (order === 0) return document;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** The order of a document's id and `id`. */
  compareId(document: number, id: Uint8Array): number {
    const { ids } = this.data.columns;
    for (let at = 0; at < 16; at += 1) {
      const difference = (ids[document * 16 + at] ?? 0) - (id[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  idBytesOf(document: number): Uint8Array {
    return this.data.columns.ids.subarray(document * 16, document * 16 + 16);
  }

  eventIdOf(document: number): string {
    return encodeUlid(this.idBytesOf(document));
  }

  /** What the document is filtered and sorted with. */
  factsOf(document: number): Facts {
    const { columns, categoryLabels, cityLabels, currencyLabels } = this.data;
    return {
      eventId: this.eventIdOf(document),
      version: columns.versions[document] ?? 0,
      startsAt: columns.startsAt[document] ?? 0,
      localDay: columns.localDays[document] ?? 0,
      category: categoryLabels[columns.categories[document] ?? 0] ?? '',
      city: cityLabels[columns.cities[document] ?? 0] ?? '',
      currency: currencyLabels[columns.currencies[document] ?? 0] ?? '',
      lowestPrice: columns.lowestPrices[document] ?? 0,
      highestPrice: columns.highestPrices[document] ?? 0,
      latitude: columns.latitudes[document] ?? Number.NaN,
      longitude: columns.longitudes[document] ?? Number.NaN,
      featured: columns.featured[document] === 1,
      titleLength: columns.titleLengths[document] ?? 0,
    };
  }

  /** All tokens one after the other, to be looked through for what they contain. */
  get text(): string {
    const { buffer, byteOffset, byteLength } = this.data.columns.tokenText;
    // A byte order mark would be a letter of the first token; what is half a letter stays one unit long.
    this.#text ??= new TextDecoder('utf-16le', { ignoreBOM: true }).decode(
      new Uint8Array(buffer, byteOffset, byteLength),
    );
    return this.#text;
  }

  tokenAt(token: number): string {
    const { tokenText, tokenStarts } = this.data.columns;
    return String.fromCharCode(...tokenText.subarray(tokenStarts[token] ?? 0, tokenStarts[token + 1] ?? 0));
  }

  /** Calls `see` with each document that has the token, and the mask of the fields that it is in. */
  eachPosting(token: number, see: (document: number, mask: number) => void): void {
    const { postings, postingStarts } = this.data.columns;
    const end = postingStarts[token + 1] ?? 0;
    let document = 0;
    let at = postingStarts[token] ?? 0;
    while (at < end) {
      let byte = postings[at] ?? 0;
      let value = byte & 0x7f;
      for (let weight = 0x80; byte >= 0x80; weight *= 0x80) {
        at += 1;
        byte = postings[at] ?? 0;
        value += (byte & 0x7f) * weight;
      }
      at += 1;
      document += Math.floor(value / MASKS);
      see(document, value % MASKS);
    }
  }

  /** The tokens that begin with `prefix`, as a range; the first is `prefix` itself if it is one. */
  tokensFrom(prefix: string): { readonly first: number; readonly end: number } {
    const first = this.#firstTokenFrom(prefix);
    let [low, high] = [first, this.tokenCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#startsWith(middle, prefix)) low = middle + 1;
      else high = middle;
    }
    return { first, end: low };
  }

  /** UTF-16 units of a token. */
  lengthOf(token: number): number {
    const { tokenStarts } = this.data.columns;
    return (tokenStarts[token + 1] ?? 0) - (tokenStarts[token] ?? 0);
  }

  /** The words that `word` may have been meant as. */
  similarWords(word: string, typos: number, prefix: boolean): readonly FuzzyMatch[] {
    return fuzzyTokens(this.data.columns, this.#words, word, typos, prefix);
  }

  #firstTokenFrom(text: string): number {
    let [low, high] = [0, this.tokenCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareToken(middle, text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compareToken(token: number, text: string): number {
    const { tokenText, tokenStarts } = this.data.columns;
    const start = tokenStarts[token] ?? 0;
    const length = this.lengthOf(token);
    for (let at = 0; at < Math.min(length, text.length); at += 1) {
      const difference = (tokenText[start + at] ?? 0) - text.charCodeAt(at);
      if (difference !== 0) return difference;
    }
    return length - text.length;
  }

  #startsWith(token: number, prefix: string): boolean {
    const { tokenText, tokenStarts } = this.data.columns;
    const start = tokenStarts[token] ?? 0;
    if (this.lengthOf(token) < prefix.length) return false;
    for (let at = 0; at < prefix.length; at += 1) if (tokenText[start + at] !== prefix.charCodeAt(at)) return false;
    return true;
  }
}
