/** What an audit says: named differences with ids, and how much of each invariant was looked at. */

/** Invariants that the auditor judges from rows and ledger. */
export const AUDITED = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I11', 'I12', 'I19', 'I20'] as const;
export type InvariantId = (typeof AUDITED)[number];

/** What each invariant says, in a line for the reader of a report. */
export const STATEMENTS: Readonly<Record<InvariantId, string>> = {
  I1: 'free + taken = size in every block, and the sizes add up to the capacity',
  I2: 'at most one claim on a seat',
  I3: 'every captured payment is one order, ticketed or refunded to the cent',
  I4: 'refunds never exceed what was captured; one refund for each cause',
  I5: 'amounts and currencies are the price snapshot of the order',
  I6: 'a paid order has exactly its tickets; any other has none that is live',
  I7: 'no hold outlives its expiry by more than two sweeps',
  I8: 'states change along the declared graph, versions grow by one',
  I11: 'the chain of hashes verifies and each timeline folds to its row',
  I12: "a person's counter is what the person holds, within the limit",
  I19: 'nothing of an erased person can be opened, found or used',
  I20: 'no purchase run, no authorisation and no refund is left hanging',
};

/** One way in which rows and ledger do not agree with an invariant. */
export interface Difference {
  readonly invariant: InvariantId;
  /** Stable upper-case name, such as `BLOCK_NOT_CONSERVED`. */
  readonly name: string;
  /** Whose: an order's, ticket's, block's or payment's id. */
  readonly id: string;
  /** What is there and what should be. */
  readonly detail: string;
}

/** How far an invariant was judged. */
export interface Verdict {
  readonly invariant: InvariantId;
  /** Things that were looked at: blocks, payments, orders, changes. */
  readonly checked: number;
  readonly differences: number;
  /** Why it was not judged, or only in part. */
  readonly note?: string;
}

/** The outcome of an audit. */
export interface AuditReport {
  /** RFC 3339: the moment for which it was judged. */
  readonly at: string;
  readonly world: 'at-rest' | 'in-flight';
  /** Whether no difference was found. */
  readonly holds: boolean;
  readonly verdicts: readonly Verdict[];
  readonly differences: readonly Difference[];
  /** Orders by state, tickets by status, and money by currency in minor units. */
  readonly totals: {
    readonly orders: Readonly<Record<string, number>>;
    readonly tickets: Readonly<Record<string, number>>;
    readonly captured: Readonly<Record<string, number>>;
    readonly refunded: Readonly<Record<string, number>>;
  };
}

/** Collects what the single checks find. */
export class Findings {
  readonly differences: Difference[] = [];
  readonly #checked = new Map<InvariantId, number>();
  readonly #notes = new Map<InvariantId, string>();

  /** Counts one more thing that `invariant` was judged by. */
  look(invariant: InvariantId): void {
    this.#checked.set(invariant, (this.#checked.get(invariant) ?? 0) + 1);
  }

  /** Names a difference. */
  name(invariant: InvariantId, name: string, id: string, detail: string): void {
    this.differences.push({ invariant, name, id, detail });
  }

  /** Says why `invariant` was not judged, or only in part. */
  note(invariant: InvariantId, why: string): void {
    this.#notes.set(invariant, why);
  }

  verdicts(): readonly Verdict[] {
    return AUDITED.map((invariant) => {
      const note = this.#notes.get(invariant);
      return {
        invariant,
        checked: this.#checked.get(invariant) ?? 0,
        differences: this.differences.filter((difference) => difference.invariant === invariant).length,
        ...(note === undefined ? {} : { note }),
      };
    });
  }
}

/** Counts `values` by name. */
export function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
