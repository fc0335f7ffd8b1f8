import type { Summary } from './summary.ts';

/** A column of a report: its heading, and what it shows. */
interface Column {
  readonly heading: string;
  readonly cell: (summary: Summary) => string;
}

const COLUMNS: readonly Column[] = [
  { heading: 'blocks', cell: ({ blocks }) => whole(blocks) },
  { heading: 'holds/s', cell: ({ holdsPerSecond }) => whole(holdsPerSecond) },
  {
    heading: 'all held after',
    cell: ({ soldOutAfter, left }) =>
      soldOutAfter === undefined ? `${whole(left)} left` : `${soldOutAfter.toFixed(1)} s`,
  },
  { heading: 'write units a hold', cell: ({ unitsInCrowd, units }) => both(unitsInCrowd, units, 2) },
  { heading: 'conflicts a hold', cell: ({ conflictsInCrowd, conflicts }) => both(conflictsInCrowd, conflicts, 3) },
  { heading: 'median, ms', cell: ({ medianMs }) => whole(medianMs) },
  { heading: 'p99, ms', cell: ({ p99InCrowdMs, p99Ms }) => both(p99InCrowdMs, p99Ms, 0) },
  { heading: 'throttled', cell: ({ throttles }) => whole(throttles) },
  { heading: 'gave up', cell: ({ gaveUp }) => whole(gaveUp) },
  { heading: 'fairness', cell: ({ fairness }) => fairness.toFixed(3) },
  { heading: 'stranded', cell: ({ stranded }) => whole(stranded) },
  { heading: 'told wrongly', cell: ({ toldWrongly }) => whole(toldWrongly) },
];

/** On-sales side by side, as a Markdown table; `first` names the rows where it is not by their blocks alone. */
export function tableOf(summaries: readonly Summary[]): readonly string[] {
  return [
    `| ${COLUMNS.map(({ heading }) => heading).join(' | ')} |`,
    `|${COLUMNS.map(() => '---:').join('|')}|`,
    ...summaries.map((summary) => `| ${COLUMNS.map(({ cell }) => cell(summary)).join(' | ')} |`),
  ];
}

/** As {@link tableOf}, with a name for each. */
export function namedTableOf(rows: readonly { readonly name: string; readonly summary: Summary }[]): readonly string[] {
  const [heading = '', rule = '', ...lines] = tableOf(rows.map(({ summary }) => summary));
  return [`| |${heading.slice(1)}`, `|---|${rule.slice(1)}`, ...lines.map((line, at) => `| ${rows[at]?.name} ${line}`)];
}

/** In the crowd, and over the whole sale where that is something else. */
function both(crowd: number, all: number, digits: number): string {
  const [one, other] = [crowd.toFixed(digits), all.toFixed(digits)];
  return one === other ? one : `${one} (${other})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
