import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testMethodIds } from '../../local/stripe/payment-methods.ts';
import { control, paid, sdk, standIn } from './harness.ts';

/** The fields of an interface in the SDK's own typings: name → whether it is optional. */
function declaredFields(file: string, name: string): ReadonlyMap<string, boolean> {
  const typings = readFileSync(
    new URL(`../../node_modules/stripe/esm/resources/${file}.d.ts`, import.meta.url),
    'utf8',
  );
  const start = typings.indexOf(`export interface ${name} {`);
  const body = typings.slice(start, typings.indexOf('\n}', start)).replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
  const fields = new Map([...body.matchAll(/^ {4}(\w+)(\??):/gm)].map((match) => [match[1] ?? '', match[2] === '?']));
  if (start === -1 || fields.size < 3) throw new Error(`cannot read ${name} from ${file}.d.ts`);
  return fields;
}

/** What an object lacks of, or has beyond, its declaration. */
function differences(object: object, file: string, name: string): string[] {
  const fields = declaredFields(file, name);
  const lacking = [...fields]
    .filter(([field, optional]) => !optional && !(field in object))
    .map(([field]) => `lacks ${field}`);
  const beyond = Object.keys(object)
    .filter((field) => !fields.has(field))
    .map((field) => `has unknown ${field}`);
  return [...lacking, ...beyond];
}

describe('every object carries the fields that the SDK declares, and no other', () => {
  test('the check itself sees a missing and an unknown field', () => {
    expect(differences({ object: 'balance', surprise: 1 }, 'Balance', 'Balance')).toEqual([
      'lacks available',
      'lacks livemode',
      'lacks pending',
      'has unknown surprise',
    ]);
  });

  test('after each test payment method, refund, dispute and settlement', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    for (const method of testMethodIds()) {
      const currency = method.startsWith('pm_usBankAccount') ? 'usd' : 'eur';
      await paid(stripe, { payment_method: method, currency }).catch(() => undefined);
    }
    const succeeded = server.ledger().paymentIntents.filter(({ status }) => status === 'succeeded');
    for (const { id } of succeeded)
      await stripe.refunds.create({ payment_intent: id, amount: 100 }).catch(() => undefined);
    await control(server, 'POST', 'clock/advance', { ms: 60_000 });
    await stripe.webhookEndpoints.create({
      url: 'http://127.0.0.1:9/',
      enabled_events: ['payment_intent.canceled'],
    });

    const ledger = server.ledger();
    const methods = await Promise.all(
      ledger.charges.flatMap(({ payment_method: id }) => (id === null ? [] : [stripe.paymentMethods.retrieve(id)])),
    );
    const kinds: [string, string, readonly object[]][] = [
      ['PaymentIntents', 'PaymentIntent', ledger.paymentIntents],
      ['Charges', 'Charge', ledger.charges],
      ['Refunds', 'Refund', ledger.refunds],
      ['Disputes', 'Dispute', ledger.disputes],
      ['BalanceTransactions', 'BalanceTransaction', ledger.balanceTransactions],
      ['Events', 'EventBase', ledger.events],
      ['Balance', 'Balance', [await stripe.balance.retrieve()]],
      ['WebhookEndpoints', 'WebhookEndpoint', (await stripe.webhookEndpoints.list()).data],
      ['PaymentMethods', 'PaymentMethod', methods],
    ];
    for (const [file, name, objects] of kinds) {
      expect({ name, some: objects.length > 0 }).toEqual({ name, some: true });
      for (const object of objects) expect([name, ...differences(object, file, name)]).toEqual([name]);
    }
    expect(new Set(ledger.refunds.map(({ status }) => status))).toEqual(new Set(['succeeded', 'failed']));
  });
});
