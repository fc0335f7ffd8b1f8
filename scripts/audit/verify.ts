import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

import { TOUCHED_PREFIX } from '../../functions/audit/keys.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { queryAll } from '../../functions/shared/table/read.ts';
import { keysOfStep, TIMELINE_PREFIX } from '../../functions/shared/table/timeline.ts';
import { auditHistory } from './history.ts';
import { Findings, type Difference } from './report.ts';
import { readWorld, type Row, type World } from './rows.ts';
import { collect, scanRows } from './scan.ts';

/** Aggregates that changed less than this ago may not be relayed yet; a relay that is later than that is an alarm. */
const RELAYED_WITHIN_MS = 60_000;
/** Rows between two reports of progress. */
const PROGRESS_ROWS = 10_000;

/** The newest step of an aggregate: what a copy kept elsewhere holds the table to. */
export interface Head {
  readonly pk: string;
  readonly ver: number;
  readonly ch: string;
}

/** How a table is verified. */
export interface VerifyOptions {
  /** Heads of an earlier run that must still be part of their chains. */
  readonly against?: readonly Head[];
  readonly progress?: (rows: number, aggregates: number) => void;
  /** Waits before it looks again at what may not be relayed yet. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  readonly now?: () => number;
}

/** What was verified, and every link that is not what it should be. */
export interface Verification {
  readonly rows: number;
  readonly aggregates: number;
  readonly steps: number;
  readonly differences: readonly Difference[];
  /** Sorted by partition. */
  readonly heads: readonly Head[];
}

/**
 * Recomputes the chain of every aggregate of `table` from its timeline, and holds it against its row: a step that
 * is missing, altered, moved or put in between, a tail that was cut off, and a row that is not what its steps made
 * of it are differences (invariants I8, I11). A row that was set back with its tail makes a shorter chain that is whole,
 * and an aggregate that is gone with all its steps makes none: both show in the marks by which the audit is found by
 * time (ADR 26), which lie in other partitions. The table is read once, partition by partition, while it is in use:
 * what changed within the last minute, or seems to lack a marked version, is looked at again before it counts.
 */
export async function verifyTable(table: Table, options: VerifyOptions = {}): Promise<Verification> {
  const { against = [], progress, wait = pause, now = Date.now } = options;
  const kept = new Map(against.map((head) => [head.pk, head]));
  const differences: Difference[] = [];
  const heads: Head[] = [];
  const young: string[] = [];
  const marked = new Map<string, number>();
  const count = { rows: 0, aggregates: 0, steps: 0 };
  const settle = (found: PartitionVerdict): void => {
    differences.push(...found.differences);
    heads.push(...found.heads);
    count.aggregates += found.heads.length;
    count.steps += found.steps;
  };
  for await (const rows of partitionsOf(table)) {
    const pk = String(rows[0]?.['pk']);
    const found = verifyPartition(rows, kept.get(pk));
    noteMarks(rows, marked);
    const before = count.rows;
    count.rows += rows.length;
    if (found.differences.length > 0 && isYoung(rows, now())) young.push(pk);
    else settle(found);
    kept.delete(pk);
    if (Math.floor(before / PROGRESS_ROWS) !== Math.floor(count.rows / PROGRESS_ROWS))
      progress?.(count.rows, count.aggregates);
  }
  if (young.length > 0) await wait(RELAYED_WITHIN_MS);
  for (const pk of young)
    settle(
      verifyPartition(
        await collect(queryAll(table, { pk, consistency: 'strong' })),
        against.find((head) => head.pk === pk),
      ),
    );
  for (const { pk, ver } of kept.values())
    differences.push(difference('AGGREGATE_GONE', pk, `version ${ver} was there once, and nothing of it is left`));
  differences.push(...(await missingSteps(table, marked, heads)));
  return { ...count, differences, heads: heads.toSorted(byPartition) };
}

const marks = z.object({ things: z.array(z.tuple([z.string(), z.int()])) });

/** Remembers of each aggregate the latest version that the marks in `rows` name. */
function noteMarks(rows: readonly Row[], marked: Map<string, number>): void {
  for (const row of rows) {
    if (!String(row['pk']).startsWith(TOUCHED_PREFIX)) return;
    const parsed = marks.safeParse(row);
    for (const [pk, version] of parsed.success ? parsed.data.things : [])
      marked.set(pk, Math.max(version, marked.get(pk) ?? 0));
  }
}

/** Marked versions that no chain has. Who changes the table meanwhile is read again: versions only grow. */
async function missingSteps(
  table: Table,
  marked: ReadonlyMap<string, number>,
  heads: readonly Head[],
): Promise<readonly Difference[]> {
  const versions = new Map(heads.map(({ pk, ver }) => [pk, ver]));
  const missing: Difference[] = [];
  for (const [pk, version] of marked) {
    if ((versions.get(pk) ?? 0) >= version) continue;
    const rows = await collect(queryAll(table, { pk, consistency: 'strong' }));
    const [head] = verifyPartition(rows).heads;
    if (head === undefined)
      missing.push(difference('AGGREGATE_GONE', pk, `the audit by time knows version ${version}, and there is no row`));
    else if (head.ver < version)
      missing.push(difference('TAIL_CUT', pk, `the audit by time knows version ${version}, the row is at ${head.ver}`));
  }
  return missing;
}

/** A digest over all heads: to be kept where who writes the table cannot write. */
export function digestOf(heads: readonly Head[]): string {
  const lines = heads.toSorted(byPartition).map(({ pk, ver, ch }) => `${pk} ${ver} ${ch}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

interface PartitionVerdict {
  readonly steps: number;
  readonly differences: readonly Difference[];
  readonly heads: readonly Head[];
}

/** Judges all rows of one partition; `kept` is its head of an earlier run. */
export function verifyPartition(rows: readonly Row[], kept?: Head): PartitionVerdict {
  const chained = rows.filter(({ ev, sk }) => typeof ev === 'string' || String(sk).startsWith(TIMELINE_PREFIX));
  const findings = new Findings();
  const world = readWorld(chained, findings);
  const differences: Difference[] = [];
  auditHistory(world, true, findings);
  differences.push(...findings.differences.filter(({ invariant }) => invariant === 'I8' || invariant === 'I11'));
  const heads: Head[] = [];
  let steps = 0;
  for (const [pk, [row]] of world.aggregates) if (row !== undefined) heads.push({ pk, ver: row.ver, ch: row.ch });
  for (const [pk, entries] of world.timelines) {
    steps += entries.length;
    for (const { sk, ver } of entries) {
      if (!keysOfStep(pk, ver).some((key) => key.sk === sk))
        differences.push(difference('STEP_MISPLACED', pk, `version ${ver} lies at ${sk}`));
    }
  }
  if (kept !== undefined && !hasHead(world, kept)) {
    differences.push(
      difference('CHAIN_REWRITTEN', kept.pk, `version ${kept.ver} is not the one that was kept elsewhere`),
    );
  }
  return { steps, differences, heads };
}

function hasHead({ aggregates, timelines }: World, { pk, ver, ch }: Head): boolean {
  return [...(aggregates.get(pk) ?? []), ...(timelines.get(pk) ?? [])].some((row) => row.ver === ver && row.ch === ch);
}

function difference(name: string, id: string, detail: string): Difference {
  return { invariant: 'I11', name, id, detail };
}

function isYoung(rows: readonly Row[], now: number): boolean {
  return rows.some(({ at }) => typeof at === 'number' && at > now - RELAYED_WITHIN_MS);
}

/** The rows of one partition after the other: a scan hands out a partition as a whole, however its pages are cut. */
async function* partitionsOf(table: Table): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  for await (const row of scanRows(table)) {
    if (rows.length > 0 && rows[0]?.['pk'] !== row['pk']) {
      yield rows;
      rows = [];
    }
    rows.push(row);
  }
  if (rows.length > 0) yield rows;
}

function byPartition(left: Head, right: Head): number {
  return left.pk < right.pk ? -1 : 1;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
