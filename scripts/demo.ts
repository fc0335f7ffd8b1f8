/** `npm run demo`: sells a ticket through the public API, or lets buyers race for some. See `--help`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { AdviceError, LOCAL_URLS } from './audit/local-system.ts';
import { runRace } from './demo/run-race.ts';
import { Screen } from './demo/screen.ts';
import { tellStory } from './demo/story.ts';

const HELP = `Drives the public API of the running local system (npm start) like a client would.

  npm run demo                                     one order, from the draft of an event to the gate
  npm run demo -- --buyers 100 --tickets 10        buyers race for tickets; then the audit

  --url URL        API                                    (${LOCAL_URLS.api})
  --inbox URL      mail inbox                             (${LOCAL_URLS.inbox})
  --stripe URL     Stripe stand-in                        (${LOCAL_URLS.stripe})
  --out DIR        where the PDF goes                     (.onsale/demo)
  --buyers N       buyers who come at once (1 to 2000); needs --tickets
  --tickets N      tickets that they race for (1 to 100000)
  --control URL    for the race: control API, which knows where everything else is (${LOCAL_URLS.control})
  --help           this text

Uses the demo accounts. Racing buyers have sessions but no accounts, so no mail goes out for them.
Exit code: 0 all went as it must, 1 it did not, or an invariant does not hold.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: LOCAL_URLS.api },
      inbox: { type: 'string', default: LOCAL_URLS.inbox },
      stripe: { type: 'string', default: LOCAL_URLS.stripe },
      out: { type: 'string', default: '.onsale/demo' },
      buyers: { type: 'string' },
      tickets: { type: 'string' },
      control: { type: 'string', default: LOCAL_URLS.control },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const screen = new Screen((text) => process.stdout.write(text), process.stdout.isTTY);
  if (values.buyers === undefined && values.tickets === undefined) {
    await tellStory(screen, {
      url: values.url,
      inboxUrl: values.inbox,
      stripeUrl: values.stripe,
      outDir: resolve(values.out),
    });
    return 0;
  }
  const held = await runRace(screen, {
    controlUrl: values.control,
    buyers: count('--buyers', values.buyers, 2_000),
    tickets: count('--tickets', values.tickets, 100_000),
  });
  return held ? 0 : 1;
}

function count(flag: string, text: string | undefined, most: number): number {
  const value = Number(text);
  if (text === undefined || !Number.isInteger(value) || value < 1 || value > most) {
    throw new AdviceError(`${flag} takes a whole number from 1 to ${most}; a race needs --buyers and --tickets.`);
  }
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  // Command lines that parseArgs refuses are TypeErrors with a sentence of their own.
  console.error(error instanceof AdviceError || error instanceof TypeError ? `\n${error.message}` : error);
  process.exitCode = 1;
}
