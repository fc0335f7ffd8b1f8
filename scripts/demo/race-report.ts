import { alignColumns } from '../audit/print.ts';
import { countBy } from '../audit/report.ts';
import { RACE_STEPS, type BuyerResult } from './race.ts';

/** Whether as many were sold as there were: no more, no fewer. */
export interface RaceVerdict {
  readonly sold: number;
  readonly refused: Readonly<Record<string, number>>;
  /** What is wrong with it; empty when nothing is. */
  readonly faults: readonly string[];
}

/** Codes that a buyer may be refused by when the stock is gone. */
const HONEST_REFUSALS: readonly string[] = ['SOLD_OUT', 'NOT_ENOUGH_TICKETS'];

/** Judges a race of buyers who want one ticket each. */
export function judgeRace(results: readonly BuyerResult[], tickets: number): RaceVerdict {
  const refusals = results.flatMap(({ outcome }) => (outcome.kind === 'REFUSED' ? [outcome.code] : []));
  const sold = results.length - refusals.length;
  const expected = Math.min(tickets, results.length);
  const refused = countBy(refusals);
  const faults: string[] = [];
  if (sold > tickets) faults.push(`OVERSOLD: ${sold} of ${tickets} tickets were sold`);
  if (sold < expected) faults.push(`UNDERSOLD: ${sold} sold of ${tickets}, and ${refusals.length} buyers were refused`);
  for (const [code, count] of Object.entries(refused)) {
    if (!HONEST_REFUSALS.includes(code))
      faults.push(`${count} buyers were refused as ${code}, which is not "sold out"`);
  }
  return { sold, refused, faults };
}

/** What a race came to, as lines to print. */
export function describeRace(
  results: readonly BuyerResult[],
  { sold, refused }: RaceVerdict,
  seconds: number,
): readonly string[] {
  const comebacks = results.reduce((sum, { toldToComeBack }) => sum + toldToComeBack, 0);
  const refusals = Object.entries(refused).map(([code, count]) => ['refused', String(count), code]);
  const times = RACE_STEPS.map((step) => {
    const took = results.flatMap(({ took: times }) => times[step] ?? []).toSorted((left, right) => left - right);
    return [step, String(took.length), ...[0.5, 0.95, 1].map((part) => milliseconds(quantile(took, part)))];
  });
  return [
    ...alignColumns(
      [
        ['sold', String(sold), ''],
        ...refusals,
        ['told to come back', String(comebacks), '429 or 503, and tried again'],
      ],
      [1],
    ),
    '',
    ...alignColumns([['step', 'buyers', 'p50', 'p95', 'most'], ...times], [1, 2, 3, 4]),
    `${seconds.toFixed(1)} s from the first request to the last answer`,
  ];
}

/** The value below which `part` (0 to 1) of the ascending `values` lie; undefined without any. */
function quantile(values: readonly number[], part: number): number | undefined {
  return values[Math.min(values.length - 1, Math.floor(values.length * part))];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)} ms`;
}
