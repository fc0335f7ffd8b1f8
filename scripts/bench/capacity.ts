import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * What DynamoDB bills for a request, by its documented rule. The emulator is no witness: it reports 2 write
 * units for any transaction, whatever its size.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */

export type Image = Readonly<Record<string, AttributeValue>>;

/** A secondary index as far as its cost goes. */
export interface IndexShape {
  readonly name: string;
  /** Its partition key and sort key; an item without one of them is not in it. */
  readonly keys: readonly string[];
  /** Attributes that it holds beside the keys; `ALL` for all. */
  readonly projects: 'ALL' | readonly string[];
}

const WRITE_BYTES = 1_024;
const READ_BYTES = 4_096;
/** Overhead of a list or map, and of each of its members. */
const NEST_BYTES = 3;

/** Size of an item as billed: names and values in UTF-8, numbers packed two digits to a byte. */
export function itemBytes(item: Image): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.M !== undefined) return NEST_BYTES + itemBytes(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return value.L.reduce((sum, member) => sum + 1 + valueBytes(member), NEST_BYTES);
  if (value.SS !== undefined) return value.SS.reduce((sum, member) => sum + Buffer.byteLength(member), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, member) => sum + numberBytes(member), 0);
  if (value.B !== undefined) return binaryBytes(value.B);
  return (value.BS ?? []).reduce((sum, member) => sum + binaryBytes(member), 0);
}

/** One byte for two significant digits, one more, and one for a minus. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/^-/, '')
    .replace(/e.*$/i, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

/** On the wire bytes are Base64 text. */
function binaryBytes(value: Uint8Array | string): number {
  return typeof value === 'string' ? Buffer.from(value, 'base64').length : value.length;
}

/**
 * Write units of one item in one request: 1 for each started KB of the larger image, at least 1, twice
 * that inside a transaction. A condition that failed is billed by what stood there.
 */
export function writeUnits(before: Image | undefined, after: Image | undefined, transactional: boolean): number {
  const bytes = Math.max(before === undefined ? 0 : itemBytes(before), after === undefined ? 0 : itemBytes(after));
  return writeUnitsOf(bytes, transactional);
}

/** As {@link writeUnits}, for who knows the size of the larger image. */
export function writeUnitsOf(bytes: number, transactional: boolean): number {
  return Math.max(1, Math.ceil(bytes / WRITE_BYTES)) * (transactional ? 2 : 1);
}

/**
 * Write units that a change costs in an index: none where the item is not in it or nothing projected
 * changed, 1 a KB for a put, an update or a removal, both for a changed key. An index is written after the
 * fact, so a transaction does not double it.
 */
export function indexUnits(index: IndexShape, before: Image | undefined, after: Image | undefined): number {
  const [old, now] = [projected(index, before), projected(index, after)];
  if (old === undefined && now === undefined) return 0;
  const moved = old !== undefined && now !== undefined && index.keys.some((name) => !same(old[name], now[name]));
  if (moved) return writeUnits(old, undefined, false) + writeUnits(undefined, now, false);
  return same(old, now) ? 0 : writeUnits(old, now, false);
}

function projected({ keys, projects }: IndexShape, image: Image | undefined): Image | undefined {
  if (image === undefined || keys.some((name) => image[name] === undefined)) return undefined;
  const kept = projects === 'ALL' ? Object.keys(image) : [...keys, 'pk', 'sk', ...projects];
  return Object.fromEntries(Object.entries(image).filter(([name]) => kept.includes(name)));
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .map(([name, member]) => [name, sorted(member)] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
}

/** How strongly a read is made. */
export type ReadStrength = 'eventual' | 'strong' | 'transactional';

const PER_4_KB: Readonly<Record<ReadStrength, number>> = { eventual: 0.5, strong: 1, transactional: 2 };

/** Read units for `bytes` read together: of one item, or of all that a query went through. At least one step. */
export function readUnits(bytes: number, strength: ReadStrength): number {
  return Math.max(1, Math.ceil(bytes / READ_BYTES)) * PER_4_KB[strength];
}
