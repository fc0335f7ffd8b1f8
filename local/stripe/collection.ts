import type { Journal } from './journal.ts';

/** Objects of one kind in the order they were made. */
export interface Collection<T extends { readonly id: string }> {
  readonly name: string;
  get(id: string): T | undefined;
  /** Adds or replaces. */
  put(value: T): void;
  delete(id: string): void;
  /** Oldest first. */
  all(): T[];
  /** Newest first, beginning after the object with this id; unknown ids give undefined. */
  newestFirst(): IterableIterator<T>;
  readonly size: number;
}

/**
 * Makes a collection over its stored values.
 * @param journal told of each change; a getter, since it opens only after the state was read
 */
export function collection<T extends { readonly id: string }>(
  name: string,
  stored: ReadonlyMap<string, unknown>,
  journal: () => Journal,
): Collection<T> {
  // The boundary: what this collection once wrote to its journal has its type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const values = new Map(stored) as Map<string, T>;
  let order: string[] = [...values.keys()];
  return {
    name,
    get: (id) => values.get(id),
    put(value) {
      if (!values.has(value.id)) order.push(value.id);
      values.set(value.id, value);
      journal().record([name, value.id, value]);
    },
    delete(id) {
      if (!values.delete(id)) return;
      journal().record([name, id, null]);
      if (order.length > 2 * values.size + 1_000) order = [...values.keys()];
    },
    all: () => [...values.values()],
    *newestFirst() {
      for (let at = order.length - 1; at >= 0; at -= 1) {
        const value = values.get(order[at] ?? '');
        if (value !== undefined) yield value;
      }
    },
    get size() {
      return values.size;
    },
  };
}
