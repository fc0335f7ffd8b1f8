/** `npm run fuzz`: sends generated requests to the running local system. See `--help`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import type { OpenApi } from '../functions/site/domain/openapi.ts';
import {
  AdviceError,
  fetchFrom,
  findLocalSystem,
  LOCAL_URLS,
  openLocalTable,
  readLocalKeyRing,
} from './audit/local-system.ts';
import { describeFaults, runFuzz } from './fuzz/run.ts';
import { furnish } from './fuzz/world.ts';

const HELP = `Sends requests to every operation of the running local system (npm start), generated from its
OpenAPI document: valid by schema, almost valid, and garbage, as buyer, organizer, gate staff, admin, nobody
and others. No answer may be a 5xx (but a 503 with Retry-After), every refusal must be a problem that the
document names, and nothing secret may come back.

  npm run fuzz -- --requests 20000 --seed 7

  --requests N     how many                       (2000)
  --seed S         which ones                     (any; it is printed)
  --control URL    control API of the system      (${LOCAL_URLS.control})
  --help           this text

It makes an event of its own, and leaves it, its holds and its orders behind: "npm run audit" afterwards
shows that stock and money are whole.
Exit code: 0 every answer was right, 1 one was not, or an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '2000' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
      control: { type: 'string', default: LOCAL_URLS.control },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const requests = whole('--requests', values.requests, 1_000_000);
  const seed = whole('--seed', values.seed, 2 ** 31);
  const system = await findLocalSystem(values.control);
  const ring = await readLocalKeyRing(system);
  const world = await furnish({ ...system, table: openLocalTable(system), ring });
  const document: OpenApi = JSON.parse(await (await fetchFrom('The API', `${system.url}/api/openapi.json`)).text());
  console.log(`${requests} requests, seed ${seed}`);
  const startedAt = performance.now();
  const report = await runFuzz({ url: system.url, document, ...world, requests, seed });
  const health = await fetchFrom('The API', `${system.url}/api/health`);
  console.log(`done in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  for (const [status, count] of Object.entries(report.statuses)) console.log(`  ${status}  ${count}`);
  for (const line of describeFaults(report, seed)) console.log(line);
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const unreached = operations.filter(({ operationId }) => (report.operations.get(operationId)?.successes ?? 0) === 0);
  if (unreached.length > 0) console.log(`No success of ${unreached.map(({ operationId }) => operationId).join(', ')}`);
  const right = report.faults.length === 0 && health.ok;
  console.log(right ? 'Every answer was right.' : `${report.faults.length} faults; health answers ${health.status}.`);
  return right ? 0 : 1;
}

function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new AdviceError(`${flag} takes a whole number from 1 to ${most}.`);
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof AdviceError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}
