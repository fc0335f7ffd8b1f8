import { decodeUlid } from '../../shared/kernel/ids.ts';
import { MASKS, type Facts, type SearchDocument } from './document.ts';
import { UNSOLD, type Popularity } from './popularity.ts';
import type { Columns, SegmentData } from './segment-format.ts';
import type { Segment } from './segment.ts';

interface Row {
  readonly facts: Facts;
  readonly popularity: Popularity;
  readonly id: Uint8Array;
}

/** Collects documents, and parts of the index as they are, into one new segment. */
export class SegmentBuilder {
  readonly #rows: Row[] = [];
  /** For each token its postings as `row × MASKS + mask`. */
  readonly #postings = new Map<string, number[]>();

  /** Adds a document. */
  add({ facts, tokens }: SearchDocument, popularity: Popularity = UNSOLD): void {
    const row = this.#rows.length;
    this.#rows.push({ facts, popularity, id: decodeUlid(facts.eventId) });
    for (const [token, mask] of tokens) this.#post(token, row, mask);
  }

  /**
   * Adds the documents of `segment`, its postings taken over as they are.
   *
   * @param keep whether a document goes on
   * @param popularityOf what a document's popularity has become
   */
  addSegment(
    segment: Segment,
    keep: (document: number) => boolean,
    popularityOf: (document: number) => Popularity,
  ): void {
    const rows = new Int32Array(segment.count).fill(-1);
    for (let document = 0; document < segment.count; document += 1) {
      if (!keep(document)) continue;
      rows[document] = this.#rows.length;
      this.#rows.push({
        facts: segment.factsOf(document),
        popularity: popularityOf(document),
        id: segment.idBytesOf(document),
      });
    }
    for (let token = 0; token < segment.tokenCount; token += 1) {
      const text = segment.tokenAt(token);
      segment.eachPosting(token, (document, mask) => {
        const row = rows[document] ?? -1;
        if (row >= 0) this.#post(text, row, mask);
      });
    }
  }

  #post(token: string, row: number, mask: number): void {
    const posting = row * MASKS + mask;
    const list = this.#postings.get(token);
    if (list === undefined) this.#postings.set(token, [posting]);
    else list.push(posting);
  }

  /** The segment of everything added. */
  build(): SegmentData {
    const rows = this.#rows;
    const count = rows.length;
    const order = Uint32Array.from(rows.keys()).toSorted((left, right) => compareRows(rows[left], rows[right]));
    const places = new Uint32Array(count);
    for (const [place, row] of order.entries()) places[row] = place;
    const inOrder = Array.from(order, (row) => rows[row]).filter((row) => row !== undefined);

    const labels = { category: new Labels(), city: new Labels(), currency: new Labels() };
    const columns = {
      ids: new Uint8Array(count * 16),
      byId: Uint32Array.from(inOrder.keys()).toSorted((left, right) => compareIds(inOrder[left], inOrder[right])),
      versions: Uint32Array.from(inOrder, ({ facts }) => facts.version),
      startsAt: Float64Array.from(inOrder, ({ facts }) => facts.startsAt),
      localDays: Int32Array.from(inOrder, ({ facts }) => facts.localDay),
      categories: Uint32Array.from(inOrder, ({ facts }) => labels.category.numberOf(facts.category)),
      cities: Uint32Array.from(inOrder, ({ facts }) => labels.city.numberOf(facts.city)),
      currencies: Uint16Array.from(inOrder, ({ facts }) => labels.currency.numberOf(facts.currency)),
      lowestPrices: Uint32Array.from(inOrder, ({ facts }) => facts.lowestPrice),
      highestPrices: Uint32Array.from(inOrder, ({ facts }) => facts.highestPrice),
      latitudes: Float32Array.from(inOrder, ({ facts }) => facts.latitude),
      longitudes: Float32Array.from(inOrder, ({ facts }) => facts.longitude),
      featured: Uint8Array.from(inOrder, ({ facts }) => Number(facts.featured)),
      titleLengths: Uint8Array.from(inOrder, ({ facts }) => facts.titleLength),
      popularity: Float64Array.from(inOrder, ({ popularity }) => popularity),
      ...this.#dictionary(places),
    } satisfies Columns;
    for (const [place, { id }] of inOrder.entries()) columns.ids.set(id, place * 16);
    return {
      count,
      categoryLabels: labels.category.all,
      cityLabels: labels.city.all,
      currencyLabels: labels.currency.all,
      columns,
    };
  }

  #dictionary(places: Uint32Array): Pick<Columns, 'tokenText' | 'tokenStarts' | 'postingStarts' | 'postings'> {
    // The default order of strings is that of their UTF-16 units, which is how tokens are looked up.
    const tokens = [...this.#postings.keys()].toSorted();
    const tokenStarts = new Uint32Array(tokens.length + 1);
    const postingStarts = new Uint32Array(tokens.length + 1);
    const tokenText = new Uint16Array(tokens.reduce((sum, token) => sum + token.length, 0));
    const bytes = new GrowingBytes();
    let textAt = 0;
    for (const [at, token] of tokens.entries()) {
      tokenStarts[at] = textAt;
      postingStarts[at] = bytes.length;
      for (let unit = 0; unit < token.length; unit += 1) tokenText[textAt + unit] = token.charCodeAt(unit);
      textAt += token.length;
      const list = Float64Array.from(
        this.#postings.get(token) ?? [],
        (posting) => (places[Math.floor(posting / MASKS)] ?? 0) * MASKS + (posting % MASKS),
      ).toSorted();
      let before = 0;
      for (const posting of list) {
        const document = Math.floor(posting / MASKS);
        bytes.pushVarint((document - before) * MASKS + (posting % MASKS));
        before = document;
      }
    }
    tokenStarts[tokens.length] = textAt;
    postingStarts[tokens.length] = bytes.length;
    return { tokenText, tokenStarts, postingStarts, postings: bytes.toBytes() };
  }
}

/** Numbers texts in the order in which they come. */
class Labels {
  readonly #numbers = new Map<string, number>();

  numberOf(label: string): number {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    this.#numbers.set(label, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  get all(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

/** Bytes that are appended one by one. */
class GrowingBytes {
  #bytes = new Uint8Array(1_024);
  length = 0;

  /** Seven bits a byte, the lowest first, the eighth says that there are more. */
  pushVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#push((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#push(rest);
  }

  #push(byte: number): void {
    if (this.length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.length] = byte;
    this.length += 1;
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }
}

function compareRows(left: Row | undefined, right: Row | undefined): number {
  if (left === undefined || right === undefined) return 0;
  return left.facts.startsAt - right.facts.startsAt || compareIds(left, right);
}

function compareIds(left: Row | undefined, right: Row | undefined): number {
  return left === undefined || right === undefined ? 0 : compareBytes(left.id, right.id);
}

/** The order of two ids, which is that of the texts that stand for them. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
