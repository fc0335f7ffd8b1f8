/**
 * The form in which a part of the index lies in storage and in memory alike: columns of numbers side by side,
 * so that loading it means looking at bytes, not parsing them. Little-endian, as everything that runs this is.
 */

/** Raised when what is written can no longer be read by code of before, or words are cut otherwise than before. */
export const FORMAT = 2;

const MAGIC = 'ONSALIDX';
/** Columns begin at multiples of this, as typed arrays ask for. */
const ALIGNMENT = 8;

/** Columns of a segment; `n` documents sorted by start and id, `t` tokens sorted by UTF-16 unit. */
export interface Columns {
  /** n × 16 bytes. */
  readonly ids: Uint8Array;
  /** Documents in the order of their ids, to find one by its id. */
  readonly byId: Uint32Array;
  readonly versions: Uint32Array;
  readonly startsAt: Float64Array;
  readonly localDays: Int32Array;
  readonly categories: Uint32Array;
  readonly cities: Uint32Array;
  readonly currencies: Uint16Array;
  readonly lowestPrices: Uint32Array;
  readonly highestPrices: Uint32Array;
  readonly latitudes: Float32Array;
  readonly longitudes: Float32Array;
  readonly featured: Uint8Array;
  readonly titleLengths: Uint8Array;
  readonly popularity: Float64Array;
  /** All tokens one after the other, in UTF-16 units, and where each begins (t + 1). */
  readonly tokenText: Uint16Array;
  readonly tokenStarts: Uint32Array;
  /** Where the postings of each token begin (t + 1), see `postings.ts`. */
  readonly postingStarts: Uint32Array;
  readonly postings: Uint8Array;
}

/** A segment's columns with the texts that some of them count. */
export interface SegmentData {
  readonly count: number;
  readonly categoryLabels: readonly string[];
  readonly cityLabels: readonly string[];
  /** ISO 4217. */
  readonly currencyLabels: readonly string[];
  readonly columns: Columns;
}

const KINDS = {
  ids: Uint8Array,
  byId: Uint32Array,
  versions: Uint32Array,
  startsAt: Float64Array,
  localDays: Int32Array,
  categories: Uint32Array,
  cities: Uint32Array,
  currencies: Uint16Array,
  lowestPrices: Uint32Array,
  highestPrices: Uint32Array,
  latitudes: Float32Array,
  longitudes: Float32Array,
  featured: Uint8Array,
  titleLengths: Uint8Array,
  popularity: Float64Array,
  tokenText: Uint16Array,
  tokenStarts: Uint32Array,
  postingStarts: Uint32Array,
  postings: Uint8Array,
} as const;

type ColumnName = keyof typeof KINDS;
const NAMES: readonly ColumnName[] = [
  'ids',
  'byId',
  'versions',
  'startsAt',
  'localDays',
  'categories',
  'cities',
  'currencies',
  'lowestPrices',
  'highestPrices',
  'latitudes',
  'longitudes',
  'featured',
  'titleLengths',
  'popularity',
  'tokenText',
  'tokenStarts',
  'postingStarts',
  'postings',
];

/** Thrown for bytes that are no segment of this format. */
export class SegmentFormatError extends Error {
  override readonly name = 'SegmentFormatError';
}

interface Header {
  readonly format: number;
  readonly count: number;
  readonly categoryLabels: readonly string[];
  readonly cityLabels: readonly string[];
  readonly currencyLabels: readonly string[];
  /** Elements of each column, in the order of {@link NAMES}. */
  readonly lengths: readonly number[];
}

/** `data` as bytes. */
export function encodeSegment(data: SegmentData): Uint8Array {
  const header: Header = {
    format: FORMAT,
    count: data.count,
    categoryLabels: data.categoryLabels,
    cityLabels: data.cityLabels,
    currencyLabels: data.currencyLabels,
    lengths: NAMES.map((name) => data.columns[name].length),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const begin = aligned(MAGIC.length + 4 + text.length);
  const total = NAMES.reduce((at, name) => aligned(at + data.columns[name].byteLength), begin);
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  new DataView(bytes.buffer).setUint32(MAGIC.length, text.length, true);
  bytes.set(text, MAGIC.length + 4);
  let at = begin;
  for (const name of NAMES) {
    const { buffer, byteOffset, byteLength } = data.columns[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at = aligned(at + byteLength);
  }
  return bytes;
}

/**
 * The segment that `bytes` hold; its columns look into `bytes`, which must not change any more.
 *
 * @throws SegmentFormatError when they are not what {@link encodeSegment} of this format writes
 */
export function decodeSegment(bytes: Uint8Array): SegmentData {
  const source = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  const { header, begin } = readHeader(source);
  let at = begin;
  const column = <Name extends ColumnName>(name: Name): Columns[Name] => {
    const Kind = KINDS[name];
    const length = header.lengths[NAMES.indexOf(name)] ?? 0;
    const end = at + length * Kind.BYTES_PER_ELEMENT;
    if (end > source.byteLength) throw new SegmentFormatError(`The segment ends within its column ${name}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- KINDS and Columns name the same kind for each name
    const found = new Kind(source.buffer as ArrayBuffer, source.byteOffset + at, length) as unknown as Columns[Name];
    at = aligned(end);
    return found;
  };
  return {
    count: header.count,
    categoryLabels: header.categoryLabels,
    cityLabels: header.cityLabels,
    currencyLabels: header.currencyLabels,
    // In the order of NAMES: each begins where the one before has ended.
    columns: {
      ids: column('ids'),
      byId: column('byId'),
      versions: column('versions'),
      startsAt: column('startsAt'),
      localDays: column('localDays'),
      categories: column('categories'),
      cities: column('cities'),
      currencies: column('currencies'),
      lowestPrices: column('lowestPrices'),
      highestPrices: column('highestPrices'),
      latitudes: column('latitudes'),
      longitudes: column('longitudes'),
      featured: column('featured'),
      titleLengths: column('titleLengths'),
      popularity: column('popularity'),
      tokenText: column('tokenText'),
      tokenStarts: column('tokenStarts'),
      postingStarts: column('postingStarts'),
      postings: column('postings'),
    },
  };
}

function readHeader(source: Uint8Array): { readonly header: Header; readonly begin: number } {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const known = MAGIC.length + 4;
  if (source.length < known || new TextDecoder().decode(source.subarray(0, MAGIC.length)) !== MAGIC)
    throw new SegmentFormatError('These bytes are no part of a search index');
  const textLength = view.getUint32(MAGIC.length, true);
  if (known + textLength > source.length) throw new SegmentFormatError('The segment ends within its header');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the hash of the bytes has been checked, and the format is below
  const header = JSON.parse(new TextDecoder().decode(source.subarray(known, known + textLength))) as Header;
  if (header.format !== FORMAT || header.lengths.length !== NAMES.length)
    throw new SegmentFormatError(`The segment has format ${header.format}, this code reads ${FORMAT}`);
  return { header, begin: aligned(known + textLength) };
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
