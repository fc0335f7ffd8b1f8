import type { Row } from '../audit/rows.ts';
import { codeOf, send, type FuzzReport } from './run.ts';

/**
 * Refusals that record something on purpose: that a payment was declined or given back, that a hold was given up whose
 * amount nobody takes, or that a code or a password was guessed.
 */
const RECORDED = [
  'PAYMENT_FAILED',
  'SOLD_OUT_REFUNDED',
  'AMOUNT_NOT_PAYABLE',
  'PHONE_CODE_WRONG',
  'INVALID_CREDENTIALS',
];

/** How a system at rest is looked at. */
export interface Watched {
  readonly url: string;
  /** Every row of the table, once nothing is under way any more. */
  readonly rowsAtRest: () => Promise<readonly Row[]>;
}

/** What the check found: how many requests were refused again, and what changed although they were. */
export interface RefusalReport {
  readonly refused: number;
  readonly changes: readonly string[];
}

/**
 * Sends requests again that were refused, all together, and compares the whole table before and after: a refusal
 * changes nothing. Those that are taken this time, because another request has changed what
 * they are about, may change something and are left out of a second round, which must then change nothing.
 */
export async function checkRefusals(
  { url, rowsAtRest }: Watched,
  { refused: exchanges, headersOf }: Pick<FuzzReport, 'refused' | 'headersOf'>,
): Promise<RefusalReport> {
  let asked = exchanges.filter(({ answer }) => !RECORDED.includes(codeOf(answer.text)));
  for (let round = 1; round <= 5; round += 1) {
    const before = digestOf(await rowsAtRest());
    const again = await sendAll(url, asked, headersOf);
    const changes = differences(before, digestOf(await rowsAtRest()));
    const refused = asked.filter((_exchange, index) => isRefusal(again[index] ?? 0));
    if (refused.length === asked.length) return { refused: refused.length, changes };
    asked = refused;
  }
  return { refused: 0, changes: ['requests that are refused are taken when sent again, each time others'] };
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

async function sendAll(
  url: string,
  exchanges: FuzzReport['refused'],
  headersOf: FuzzReport['headersOf'],
): Promise<readonly number[]> {
  const statuses: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < exchanges.length; index = next++) {
      const exchange = exchanges[index];
      if (exchange === undefined) continue;
      const answer = await send(url, exchange.sent, headersOf(exchange.request.caller));
      // What was refused for another reason before may be one of these now, such as a guess after a code was sent.
      const isPlain = typeof answer !== 'string' && !RECORDED.includes(codeOf(answer.text));
      statuses[index] = isPlain ? answer.status : 0;
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return statuses;
}

/** Rows by key; when a key or a session was last used is no change, nor is how often something was tried. */
function digestOf(rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(
    rows
      .filter(({ pk }) => !String(pk).startsWith('USES#'))
      .map((row) => [
        `${String(row['pk'])} ${String(row['sk'])}`,
        JSON.stringify(
          Object.entries(row)
            .filter(([name]) => !/^lastUsed|^lastSeen/.test(name))
            .toSorted(byName),
          (_name, value: unknown) => (value instanceof Set ? [...value].map(String).toSorted() : value),
        ),
      ]),
  );
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  return keys
    .slice(0, 10)
    .map((key) => `${key}\n  was ${before.get(key) ?? 'absent'}\n  is  ${after.get(key) ?? 'absent'}`);
}
