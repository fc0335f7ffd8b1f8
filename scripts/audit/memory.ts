import type { AggregateRow, Row, TimelineRow } from './rows.ts';

/**
 * What earlier audits have found in order, for one who audits the same rows after every change, as the simulator does.
 * Only for rows that are never changed in place: a row is known by its identity. What was found wrong is never remembered.
 */
export class AuditMemory {
  readonly #read = new WeakMap<Row, Map<object, unknown>>();
  readonly #own = new WeakMap<AggregateRow, TimelineRow>();
  readonly #verified = new WeakMap<TimelineRow, { readonly after: TimelineRow | undefined; readonly folded: Row }>();
  readonly #folded = new WeakMap<AggregateRow, TimelineRow>();

  /** A row as `schema` reads it, or as `parse` does the first time; undefined when it cannot be read. */
  read<T>(row: Row, schema: object, parse: () => T | undefined): T | undefined {
    const known = this.#read.get(row) ?? new Map<object, unknown>();
    this.#read.set(row, known);
    const value = known.get(schema) ?? parse();
    if (value !== undefined) known.set(schema, value);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what this schema has read of this row
    return value as T | undefined;
  }

  /** The entry that a row in its first version stands for. */
  ownEntry(row: AggregateRow, make: (row: AggregateRow) => TimelineRow): TimelineRow {
    const entry = this.#own.get(row) ?? make(row);
    this.#own.set(row, entry);
    return entry;
  }

  /** The row that the timeline folds to up to `entry`, if its hash was verified when it followed `after`. */
  foldedAt(entry: TimelineRow, after: TimelineRow | undefined): Row | undefined {
    const known = this.#verified.get(entry);
    return known?.after === after ? known?.folded : undefined;
  }

  verified(entry: TimelineRow, after: TimelineRow | undefined, folded: Row): void {
    this.#verified.set(entry, { after, folded });
  }

  /** Whether the timeline that ends with `last` was found to fold to `row`. */
  foldsTo(row: AggregateRow, last: TimelineRow): boolean {
    return this.#folded.get(row) === last;
  }

  folds(row: AggregateRow, last: TimelineRow): void {
    this.#folded.set(row, last);
  }
}
