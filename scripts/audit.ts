/** `npm run audit`: judges the running local system by its rows and its payments. See `--help`. */
import { parseArgs } from 'node:util';

import { auditInvariants } from './audit/invariants.ts';
import {
  AdviceError,
  LOCAL_URLS,
  findLocalSystem,
  openLocalTable,
  readRows,
  readStandInLedger,
  waitForRest,
} from './audit/local-system.ts';
import { describeReport } from './audit/print.ts';

const HELP = `Audits the running local system from the outside: every row of its table and every payment
in the ledger of its Stripe stand-in, against the invariants of stock, money, tickets and history.

  npm run audit

  --control URL    control API of the local system   (${LOCAL_URLS.control})
  --wait SECONDS   how long to wait for rest         (30)
  --in-flight      do not wait; judge only what holds after every step
  --json           the report as JSON
  --help           this text

The table is read page by page, so the world should be paused: nobody buys, no clock is moved. The
audit waits for queues, stream and purchase runs to be empty and says so if they are not; messages
that wait for another try get it at once.
Exit code: 0 every invariant holds, 1 a difference or an error.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      control: { type: 'string', default: LOCAL_URLS.control },
      wait: { type: 'string', default: '30' },
      'in-flight': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const system = await findLocalSystem(values.control);
  if (!values['in-flight']) {
    const busy = await waitForRest(values.control, Number(values.wait) * 1_000);
    if (busy.length > 0) {
      throw new AdviceError(
        `The system does not come to rest: ${busy.join(', ')}. Pause what drives it, or judge it with --in-flight.`,
      );
    }
  }
  const table = openLocalTable(system);
  const [rows, ledger] = [await readRows(table), await readStandInLedger(system.stripeUrl)];
  table.client.destroy();
  const report = auditInvariants({
    rows,
    ledger,
    at: Date.now(),
    world: values['in-flight'] ? 'in-flight' : 'at-rest',
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : describeReport(report).join('\n'));
  return report.holds ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof AdviceError || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}
