import { alignColumns } from '../audit/print.ts';
import { countBy } from '../audit/report.ts';
import { RACE_STEPS, type BuyerResult, type SettledOutcome } from './race.ts';

/** Whether as many were sold as there were: no more, no fewer. */
export interface RaceVerdict {
  /** Orders that are paid, whenever their buyers learnt of it. */
  readonly sold: number;
  /** Those of `sold` whose confirmation had decided nothing. */
  readonly paidAfterWaiting: number;
  readonly refused: Readonly<Record<string, number>>;
  /** What is wrong with it; empty when nothing is. */
  readonly faults: readonly string[];
}

/** Codes that a buyer may be refused by when the stock is gone. */
const HONEST_REFUSALS: readonly string[] = ['SOLD_OUT', 'NOT_ENOUGH_TICKETS'];

/** Judges a race of buyers who want one ticket each. An order that was left open is judged by its state at rest. */
export function judgeRace(results: readonly BuyerResult<SettledOutcome>[], tickets: number): RaceVerdict {
  const refusals: string[] = [];
  const open: string[] = [];
  let sold = 0;
  let paidAfterWaiting = 0;
  for (const { outcome } of results) {
    switch (outcome.kind) {
      case 'SOLD':
        sold += 1;
        break;
      case 'REFUSED':
        refusals.push(outcome.code);
        break;
      case 'WAITED':
        if (outcome.status === 'PAID') {
          sold += 1;
          paidAfterWaiting += 1;
        } else if (outcome.status === 'PENDING') open.push(outcome.orderId);
        else refusals.push(outcome.status);
        break;
    }
  }
  const expected = Math.min(tickets, results.length);
  const refused = countBy(refusals);
  const faults: string[] = [];
  if (sold > tickets) faults.push(`OVERSOLD: ${sold} of ${tickets} tickets were sold`);
  if (sold + open.length < expected)
    faults.push(`UNDERSOLD: ${sold} sold of ${tickets}, and ${refusals.length} buyers were refused`);
  if (open.length > 0) faults.push(`UNDECIDED: ${open.length} orders are still PENDING at rest: ${open.join(', ')}`);
  for (const [code, count] of Object.entries(refused)) {
    if (!HONEST_REFUSALS.includes(code))
      faults.push(`${count} buyers were refused as ${code}, which is not "sold out"`);
  }
  return { sold, paidAfterWaiting, refused, faults };
}

/** What a race came to, as lines to print. */
export function describeRace(
  results: readonly BuyerResult<SettledOutcome>[],
  { sold, paidAfterWaiting, refused }: RaceVerdict,
  seconds: number,
): readonly string[] {
  const comebacks = results.reduce((sum, { toldToComeBack }) => sum + toldToComeBack, 0);
  const refusals = Object.entries(refused).map(([code, count]) => ['refused', String(count), '', code]);
  const leftOpen = leftOpenRows(results);
  const times = RACE_STEPS.map((step) => {
    const took = results.flatMap(({ took: times }) => times[step] ?? []).toSorted((left, right) => left - right);
    return [step, String(took.length), ...[0.5, 0.95, 1].map((part) => milliseconds(quantile(took, part)))];
  });
  return [
    ...alignColumns(
      [
        ['', 'buyers', 'paid after waiting', ''],
        ['sold', String(sold), String(paidAfterWaiting), ''],
        ...refusals,
        ...leftOpen,
      ],
      [1, 2],
    ),
    `told to come back ${comebacks} times (429 or 503), and tried again`,
    '',
    ...alignColumns([['step', 'buyers', 'p50', 'p95', 'most'], ...times], [1, 2, 3, 4]),
    `${seconds.toFixed(1)} s from the first request to the last answer`,
  ];
}

/** For each answer to a confirmation that decided nothing: how many got it, and how many of them had paid. */
function leftOpenRows(results: readonly BuyerResult<SettledOutcome>[]): readonly (readonly string[])[] {
  const waited = results.flatMap(({ outcome }) => (outcome.kind === 'WAITED' ? [outcome] : []));
  const paid = countBy(waited.filter(({ status }) => status === 'PAID').map(({ answer }) => answer));
  return Object.entries(countBy(waited.map(({ answer }) => answer))).map(([answer, count]) => [
    'of all: left open',
    String(count),
    String(paid[answer] ?? 0),
    `confirmation: ${answer}`,
  ]);
}

/** The value below which `part` (0 to 1) of the ascending `values` lie; undefined without any. */
function quantile(values: readonly number[], part: number): number | undefined {
  return values[Math.min(values.length - 1, Math.floor(values.length * part))];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${Math.round(value)} ms`;
}
