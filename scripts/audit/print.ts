import { formatMoney } from '../../functions/shared/kernel/money.ts';
import { STATEMENTS, type AuditReport, type Verdict } from './report.ts';

/** Differences printed in full; more are counted. */
const MOST_LINES = 50;

/**
 * Lines of `rows` with their cells under each other, two spaces apart; the last cell is left as it is.
 *
 * @param right which columns are figures, to be aligned at their right
 */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        if (right.includes(column)) return cell.padStart(width);
        return column === row.length - 1 ? cell : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** A report as people read it. */
export function describeReport(report: AuditReport): readonly string[] {
  const { differences, verdicts, totals, world, at } = report;
  const shown = differences.slice(0, MOST_LINES);
  return [
    `Audit of ${at}, ${world === 'at-rest' ? 'at rest' : 'in the middle of things'}`,
    ...alignColumns(verdicts.map(verdictCells), [2]).map((line) => `  ${line}`),
    `  orders ${counts(totals.orders)}; tickets ${counts(totals.tickets)}; captured ${money(totals.captured)}; refunded ${money(totals.refunded)}`,
    ...(differences.length === 0
      ? ['Every invariant holds.']
      : [
          `${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}:`,
          ...alignColumns(shown.map(({ invariant, name, id, detail }) => [invariant, name, id, detail])).map(
            (line) => `  ${line}`,
          ),
          ...(shown.length < differences.length
            ? [`  … and ${differences.length - shown.length} more; see --json`]
            : []),
        ]),
  ];
}

function verdictCells({ invariant, checked, differences, note }: Verdict): readonly string[] {
  const outcome = differences > 0 ? `${differences} WRONG` : checked > 0 ? 'holds' : '–';
  return [invariant, outcome, String(checked), `${STATEMENTS[invariant]}${note === undefined ? '' : ` (${note})`}`];
}

function counts(of: Readonly<Record<string, number>>): string {
  const parts = Object.entries(of).map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? 'none' : parts.toSorted().join(', ');
}

function money(of: Readonly<Record<string, number>>): string {
  const parts = Object.entries(of).map(([currency, amount]) => formatMoney({ amount, currency }));
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
