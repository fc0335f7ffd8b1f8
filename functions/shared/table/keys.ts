/** The primary key of one item of the table. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** An item as read from the table: its key and whatever its kind keeps beside it. */
export type Item = Readonly<Record<string, unknown>> & Key;

/** How a key is written where a text is wanted: map keys, log lines, error messages. */
export function keyText({ pk, sk }: Key): string {
  return `${pk} ${sk}`;
}
