import type { AttributeValue } from '@aws-sdk/client-dynamodb';

import {
  indexUnits,
  itemBytes,
  readUnits,
  writeUnits,
  type Image,
  type IndexShape,
  type ReadStrength,
} from './capacity.ts';

/** One item or index that a request is billed for. */
export interface Charge {
  readonly kind: 'read' | 'write' | 'index';
  /** What sort of row it is, see {@link kindOfRow}. */
  readonly row: string;
  readonly units: number;
  readonly bytes: number;
}

/** A row before and after a write, as the stream would report it. */
export interface RowChange {
  readonly before: Image | undefined;
  readonly after: Image | undefined;
}

/** One request to DynamoDB. */
export interface MeteredCall {
  readonly label: string;
  readonly operation: string;
  readonly charges: readonly Charge[];
  readonly changes: readonly RowChange[];
  /** Milliseconds on a monotonic clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly ok: boolean;
}

/** Adds up what requests cost, by the label of what was going on. */
export class Meter {
  readonly calls: MeteredCall[] = [];
  /** What the requests from here on belong to. */
  label = '';

  note(call: Omit<MeteredCall, 'label'>): void {
    this.calls.push({ label: this.label, ...call });
  }

  /** Runs `work` with its requests labelled. */
  async during<T>(label: string, work: () => Promise<T>): Promise<T> {
    this.label = label;
    try {
      return await work();
    } finally {
      this.label = '';
    }
  }

  reset(): void {
    this.calls.length = 0;
  }

  /** Units by sort of row, of the calls labelled with one of `labels`; writes of indexes are writes. */
  units(kind: 'read' | 'write', ...labels: readonly string[]): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { label, charges } of this.calls) {
      if (!labels.includes(label)) continue;
      for (const charge of charges) {
        if ((charge.kind === 'read') !== (kind === 'read')) continue;
        const name = charge.kind === 'index' ? `index of ${charge.row}` : charge.row;
        sums.set(name, (sums.get(name) ?? 0) + charge.units);
      }
    }
    return sums;
  }

  /** Sum of {@link units}. */
  total(kind: 'read' | 'write', ...labels: readonly string[]): number {
    return [...this.units(kind, ...labels).values()].reduce((sum, units) => sum + units, 0);
  }

  /** Requests, and how many had to wait for another one: the longest chain of one after the other. */
  roundTrips(label: string): {
    readonly requests: number;
    readonly rounds: number;
    readonly operations: readonly string[];
  } {
    const calls = this.calls
      .filter((call) => call.label === label)
      .toSorted((left, right) => left.endedAt - right.endedAt);
    let rounds = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const { startedAt, endedAt } of calls) {
      if (startedAt < last) continue;
      rounds += 1;
      last = endedAt;
    }
    return { requests: calls.length, rounds, operations: calls.map(({ operation }) => operation) };
  }
}

/** What sort of row lies at a key, in words for the terms of a sum. */
export function kindOfRow(key: Image): string {
  const pk = key['pk']?.S ?? '';
  const sk = key['sk']?.S ?? '';
  if (sk.startsWith('TL#')) return 'timeline';
  if (sk.startsWith('NOTE#')) return 'notification';
  if (sk === 'CURSOR') return 'cursor of the job';
  const known: Readonly<Record<string, string>> = {
    BLOCK: 'block',
    TYPE: 'ticket type',
    LIMIT: 'limit',
    ORDER: 'order',
    TICKET: 'ticket',
    SESSION: 'session',
    USER: 'account',
  };
  const name = known[sk];
  if (name !== undefined) return name;
  if (pk.startsWith('DUE#')) return 'due-list';
  if (pk.startsWith('CUSTOMER#')) return "customer's list";
  return (pk.split('#')[0] ?? pk).toLowerCase();
}

/** Charges for writing one item, its indexes included. */
export function writeCharges(
  { before, after }: RowChange,
  key: Image,
  transactional: boolean,
  indexes: readonly IndexShape[],
): readonly Charge[] {
  const row = kindOfRow(key);
  const bytes = Math.max(before === undefined ? 0 : itemBytes(before), after === undefined ? 0 : itemBytes(after));
  const own: Charge = { kind: 'write', row, bytes, units: writeUnits(before, after, transactional) };
  const copies = indexes.map((index): Charge => ({
    kind: 'index',
    row,
    bytes,
    units: indexUnits(index, before, after),
  }));
  return [own, ...copies.filter(({ units }) => units > 0)];
}

/** The charge for reading one item, or for not finding it. */
export function readCharge(item: Image | undefined, key: Image, strength: ReadStrength): Charge {
  const bytes = item === undefined ? 0 : itemBytes(item);
  return { kind: 'read', row: kindOfRow(key), bytes, units: readUnits(bytes, strength) };
}

/** The charge for a query or scan that went through `items` together. */
export function queryCharge(
  items: readonly Image[],
  partition: AttributeValue | undefined,
  strength: ReadStrength,
): Charge {
  const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
  const row = kindOfRow(items[0] ?? (partition === undefined ? {} : { pk: partition }));
  return { kind: 'read', row, bytes, units: readUnits(bytes, strength) };
}
