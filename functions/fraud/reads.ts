import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, type Consistency } from '../shared/table/read.ts';
import type { Standing } from './contract.ts';
import { parseStanding, standingBy, type StandingRow } from './domain/standing.ts';
import { standingKey } from './keys.ts';

/** What is known against a buyer; undefined where nothing is. */
export async function findFacts(
  table: Table,
  subject: string,
  consistency: Consistency,
): Promise<StandingRow | undefined> {
  const item = await getItem(table, standingKey(subject), consistency);
  return item === undefined ? undefined : parseStanding(item);
}

/** How a buyer stands at `now`; one whom nobody can name, such as who buys through a vendor, is let be. */
export async function findStanding(table: Table, subject: string | undefined, now: Instant): Promise<Standing> {
  const row = subject === undefined ? undefined : await findFacts(table, subject, 'eventual');
  return standingBy(row?.facts ?? [], now);
}
