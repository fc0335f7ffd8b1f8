import { orderState } from '../../functions/orders/contract.ts';
import { mayBecome } from '../../functions/orders/domain/lifecycle.ts';
import { foldTimeline, isItsFirstEntry } from '../../functions/outbox/domain/relay.ts';
import { canonicalJson } from '../../functions/shared/kernel/hash.ts';
import { chainHash } from '../../functions/shared/table/aggregate.ts';
import type { AuditMemory } from './memory.ts';
import type { Findings } from './report.ts';
import type { AggregateRow, TimelineRow, World } from './rows.ts';

/**
 * I8 and I11: each aggregate's timeline is complete, its orders moved along the declared graph, its chain
 * of hashes verifies and it folds to the row.
 *
 * @param atRest whether the stream has been relayed, so that a missing copy is a difference
 * @param memory of what was found in order before, where the same rows are audited again and again
 */
export function auditHistory(
  { aggregates, timelines }: World,
  atRest: boolean,
  findings: Findings,
  memory?: AuditMemory,
): void {
  for (const [pk, rows] of aggregates) {
    const [row] = rows;
    if (row === undefined) continue;
    if (rows.length > 1) {
      findings.name(
        'I11',
        'TIMELINES_COLLIDE',
        pk,
        `aggregates under ${rows.map(({ sk }) => sk).join(', ')} write one timeline`,
      );
      continue;
    }
    const entries =
      timelines.get(pk) ?? (isItsFirstEntry(row) ? [memory?.ownEntry(row, ownEntry) ?? ownEntry(row)] : []);
    auditVersions(row, entries, atRest, findings);
    auditTransitions(pk, entries, findings);
    auditChain(row, entries, atRest, findings, memory);
  }
  for (const [pk, entries] of timelines) {
    if (!aggregates.has(pk))
      findings.name('I11', 'ROW_MISSING', pk, `${entries.length} steps in the timeline, but no row`);
  }
}

/** The entry that a row in its first version stands for. */
function ownEntry({ ver, ev, at, cid, by, ch, pk, sk, ...set }: AggregateRow): TimelineRow {
  return { pk, sk, ver, ev, at, cid, by, ch, set, removed: [] };
}

function auditVersions(
  { pk, ver }: AggregateRow,
  entries: readonly TimelineRow[],
  atRest: boolean,
  findings: Findings,
): void {
  findings.look('I8');
  if (!Number.isSafeInteger(ver) || ver < 1) findings.name('I8', 'NOT_A_VERSION', pk, `version ${ver}`);
  const last = entries.at(-1)?.ver ?? 0;
  if (last > ver) findings.name('I8', 'TIMELINE_AHEAD', pk, `the timeline has version ${last}, the row ${ver}`);
  const versions = new Set<number>();
  for (const entry of entries) {
    if (versions.has(entry.ver))
      findings.name('I8', 'VERSION_TWICE', pk, `version ${entry.ver} is told in two ways in the timeline`);
    versions.add(entry.ver);
  }
  if (!atRest) return;
  for (let version = 1; version <= ver; version += 1) {
    if (!versions.has(version))
      findings.name('I8', 'VERSION_MISSING', pk, `version ${version} of ${ver} is not in the timeline`);
  }
}

function auditTransitions(pk: string, entries: readonly TimelineRow[], findings: Findings): void {
  if (!pk.startsWith('ORDER#')) return;
  let from: { readonly ver: number; readonly state: ReturnType<typeof orderState.parse> } | undefined;
  for (const { ver, set, ev } of entries) {
    findings.look('I8');
    const parsed = orderState.safeParse(set['state']);
    const state = parsed.success ? parsed.data : from?.state;
    if (state === undefined || ('state' in set && !parsed.success)) {
      findings.name('I8', 'NOT_A_STATE', pk, `version ${ver} (${ev}) has the state ${String(set['state'])}`);
      return;
    }
    if (ver === 1 && state !== 'HELD') findings.name('I8', 'NOT_BEGUN_HELD', pk, `begun as ${state}`);
    if (from !== undefined && from.ver + 1 === ver && !mayBecome(from.state, state)) {
      findings.name('I8', 'NO_SUCH_TRANSITION', pk, `version ${ver} (${ev}) goes from ${from.state} to ${state}`);
    }
    from = { ver, state };
  }
}

function auditChain(
  row: AggregateRow,
  entries: readonly TimelineRow[],
  atRest: boolean,
  findings: Findings,
  memory?: AuditMemory,
): void {
  const { pk, sk, ver } = row;
  let folded: Readonly<Record<string, unknown>> = {};
  const known: TimelineRow[] = [];
  for (const entry of entries) {
    // A gap is named by I8; nothing after it can be verified.
    if (entry.ver !== known.length + 1) return;
    findings.look('I11');
    const before = known.at(-1);
    known.push(entry);
    const seen = memory?.foldedAt(entry, before);
    folded = seen ?? foldTimeline({ pk, sk }, known);
    if (seen !== undefined) continue;
    if (chainHash(before?.ch ?? '', folded) !== entry.ch) {
      findings.name(
        'I11',
        'CHAIN_BROKEN',
        pk,
        `the hash of version ${entry.ver} (${entry.ev}) is not that of its content`,
      );
      return;
    }
    memory?.verified(entry, before, folded);
  }
  const last = known.at(-1);
  if (known.length !== ver || last === undefined) {
    if (atRest && known.length === 0)
      findings.name('I11', 'TIMELINE_MISSING', pk, `a row of version ${ver} without a timeline`);
    return;
  }
  if (memory?.foldsTo(row, last) === true) return;
  const differing = [...new Set([...Object.keys(folded), ...Object.keys(row)])].filter(
    (name) => canonicalJson({ v: folded[name] }) !== canonicalJson({ v: row[name] }),
  );
  if (differing.length > 0)
    findings.name('I11', 'FOLD_DIFFERS', pk, `the timeline folds to another row in ${differing.toSorted().join(', ')}`);
  else memory?.folds(row, last);
}
