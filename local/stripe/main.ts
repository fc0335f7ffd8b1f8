import { parseArgs } from 'node:util';
import { startStripeStandIn } from './server.ts';

const HELP = `The local Stripe stand-in, alone.

Usage: node local/stripe/main.ts [options]

  --port N              port on --host (default 12111; 0 takes a free one)
  --host ADDRESS        interface (default 127.0.0.1)
  --secret-key KEY      secret key callers must send (default $STRIPE_SECRET_KEY or sk_test_onsale_local)
  --webhook-url URL     where signed events go (default nowhere)
  --webhook-secret KEY  signs them (default $STRIPE_WEBHOOK_SECRET or whsec_onsale_local)
  --state FILE          keep the state in this file (default: forget it)
  --help                this text

What it covers is in local/stripe/README.md.`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '12111' },
    host: { type: 'string', default: '127.0.0.1' },
    'secret-key': {
      type: 'string',
      default: process.env['STRIPE_SECRET_KEY'] ?? 'sk_test_onsale_local',
    },
    'webhook-url': { type: 'string' },
    'webhook-secret': {
      type: 'string',
      default: process.env['STRIPE_WEBHOOK_SECRET'] ?? 'whsec_onsale_local',
    },
    state: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const port = Number(values.port);
if (values.help) {
  console.log(HELP);
} else if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be a number from 0 to 65535, not ${values.port}.`);
  process.exitCode = 1;
} else {
  await serve();
}

async function serve(): Promise<void> {
  try {
    const standIn = await startStripeStandIn({
      host: values.host,
      port,
      secretKey: values['secret-key'],
      webhookSecret: values['webhook-secret'],
      ...(values['webhook-url'] === undefined ? {} : { webhookUrl: values['webhook-url'] }),
      ...(values.state === undefined ? {} : { stateFile: values.state }),
      log: (line) => console.error(line),
    });
    console.log(`Stripe stand-in listens on ${standIn.url}`);
    const stop = (): void => void standIn.close().then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  } catch (error) {
    console.error(`The Stripe stand-in could not start: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
