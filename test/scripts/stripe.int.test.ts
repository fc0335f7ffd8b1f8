import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { exitCodeOf, runSteps } from '../../scripts/setup/runner.ts';
import { stripeKeyStep } from '../../scripts/setup/steps/stripe-key.ts';
import { stripeWebhookStep } from '../../scripts/setup/steps/stripe-webhook.ts';
import { startFakeStripe } from './fake-stripe.ts';
import type { FakeStripe } from './fake-stripe.ts';
import { APPLY, CHECK, INPUT, awsError, mockAws, mutations, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

const TEST_KEY = 'sk_test_51OnsaleGoodKey';
const LIVE_KEY = 'sk_live_51OnsaleLiveKey';
const KEY_NAME = '/onsale/dev/stripe-key';
const SECRET_NAME = '/onsale/dev/stripe-webhook';

type Put = {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
  readonly Description: string;
};

let stripe: FakeStripe;
let aws: AwsMocks;
let stored: Map<string, Put>;

beforeEach(async () => {
  stripe = await startFakeStripe([TEST_KEY, LIVE_KEY]);
  aws = mockAws();
  stored = new Map();
  aws.ssm.on(GetParameterCommand).callsFake((input: { Name: string }) => {
    const found = stored.get(input.Name);
    if (found === undefined) throw awsError('ParameterNotFound');
    return { Parameter: found };
  });
  aws.ssm.on(DescribeParametersCommand).callsFake(() => ({ Parameters: [...stored.values()] }));
  aws.ssm.on(PutParameterCommand).callsFake((input: Put) => {
    stored.set(input.Name, input);
    return {};
  });
});

afterEach(async () => {
  await stripe.close();
});

function storeKey(key = TEST_KEY): void {
  stored.set(KEY_NAME, { Name: KEY_NAME, Type: 'SecureString', Value: key, Description: '' });
}

/** No key, and no signing secret that was ever handed out, may be readable in the output. */
function expectNoSecret(lines: readonly string[]): void {
  const output = lines.join('\n');
  for (const secret of [
    TEST_KEY,
    LIVE_KEY,
    ...stripe.secrets,
    ...[...stored.values()].map(({ Value: value }) => value),
  ]) {
    expect(output).not.toContain(secret);
  }
}

const STEPS = [stripeKeyStep, stripeWebhookStep];

describe('stripe-key', () => {
  it('asks without echo, tries the key out, stores it, and is then a no-op', async () => {
    const context = testContext({
      stripePort: stripe.port,
      prompt: { ask: () => Promise.resolve('y'), askSecret: () => Promise.resolve(TEST_KEY) },
    });
    const outcomes = await runSteps([stripeKeyStep], context, APPLY);
    expect(outcomes.get('stripe-key')).toMatchObject({ kind: 'done' });
    expect(stored.get(KEY_NAME)).toMatchObject({ Type: 'SecureString', Value: TEST_KEY });
    await runSteps([stripeKeyStep], context, APPLY);
    expect(mutations(aws)).toEqual(['PutParameterCommand']);
    expectNoSecret(context.lines);
  });

  it.each([
    { name: 'a live key on a test stage', key: LIVE_KEY, says: 'would charge real cards' },
    { name: 'something else', key: 'pk_test_publishable1', says: 'not a Stripe secret key' },
    {
      name: 'a key that Stripe does not know',
      key: 'sk_test_unknownKey99',
      says: 'does not accept the secret key',
    },
  ])('refuses $name and stores nothing', async ({ key, says }) => {
    const context = testContext({ stripePort: stripe.port, stripeKeyFromEnvironment: key });
    const outcomes = await runSteps([stripeKeyStep], context, APPLY);
    expect(exitCodeOf(outcomes)).toBe(1);
    expect(context.lines.join('\n')).toContain(says);
    expect(context.lines.join('\n')).not.toContain(key);
    expect(mutations(aws)).toEqual([]);
  });

  it('takes a live key on a live stage, and refuses a test key there', async () => {
    const input = { ...INPUT, stage: 'prod', stripe: { ...INPUT.stripe, mode: 'live' as const } };
    const refused = await runSteps(
      [stripeKeyStep],
      testContext({ input, stripePort: stripe.port, stripeKeyFromEnvironment: TEST_KEY }),
      APPLY,
    );
    expect(exitCodeOf(refused)).toBe(1);
    const taken = await runSteps(
      [stripeKeyStep],
      testContext({ input, stripePort: stripe.port, stripeKeyFromEnvironment: LIVE_KEY }),
      APPLY,
    );
    expect(exitCodeOf(taken)).toBe(0);
  });

  it('replaces a stored key that Stripe has revoked', async () => {
    storeKey('sk_test_revokedKey77');
    const context = testContext({ stripePort: stripe.port, stripeKeyFromEnvironment: TEST_KEY });
    expect(exitCodeOf(await runSteps([stripeKeyStep], context, APPLY))).toBe(0);
    expect(stored.get(KEY_NAME)?.Value).toBe(TEST_KEY);
    expect(context.lines.join('\n')).not.toContain('revokedKey77');
  });

  it('waits for a person when nobody is at the terminal', async () => {
    const outcomes = await runSteps([stripeKeyStep], testContext({ stripePort: stripe.port }), APPLY);
    expect(outcomes.get('stripe-key')).toMatchObject({ kind: 'waiting' });
    expect(exitCodeOf(outcomes)).toBe(2);
  });
});

describe('stripe-webhook', () => {
  it('registers exactly the handled events, stores the secret, and is then a no-op', async () => {
    storeKey();
    const context = testContext({ stripePort: stripe.port });
    expect(exitCodeOf(await runSteps(STEPS, context, APPLY))).toBe(0);
    expect(stripe.endpoints).toMatchObject([
      {
        url: INPUT.stripe.webhookUrl,
        enabled_events: INPUT.stripe.events,
        api_version: Stripe.API_VERSION,
      },
    ]);
    expect(stored.get(SECRET_NAME)).toMatchObject({
      Type: 'SecureString',
      Value: stripe.secrets[0],
    });
    await runSteps(STEPS, context, APPLY);
    expect(stripe.requests.filter((line) => line === 'POST /v1/webhook_endpoints')).toHaveLength(1);
    expect(mutations(aws)).toEqual(['PutParameterCommand']);
    expectNoSecret(context.lines);
  });

  it('rolls the endpoint after a crash between "created" and "stored"', async () => {
    storeKey();
    aws.ssm
      .on(PutParameterCommand)
      .rejectsOnce(new Error('the process died here'))
      .callsFake((input: Put) => {
        stored.set(input.Name, input);
        return {};
      });
    const crashed = testContext({ stripePort: stripe.port });
    expect(exitCodeOf(await runSteps(STEPS, crashed, APPLY))).toBe(1);
    expect(stripe.endpoints.map(({ id }) => id)).toEqual(['we_1']);
    expect(stored.has(SECRET_NAME)).toBe(false);

    const context = testContext({ stripePort: stripe.port });
    expect(exitCodeOf(await runSteps(STEPS, context, APPLY))).toBe(0);
    expect(stripe.endpoints.map(({ id }) => id)).toEqual(['we_2']);
    expect(stored.get(SECRET_NAME)?.Value).toBe(stripe.secrets[1]);
    expect(context.lines.join('\n')).toContain('Stripe shows it only once');
    expectNoSecret([...crashed.lines, ...context.lines]);
  });

  it('rolls an endpoint whose stored secret belongs to another one', async () => {
    storeKey();
    stored.set(SECRET_NAME, {
      Name: SECRET_NAME,
      Type: 'SecureString',
      Value: 'whsec_stale',
      Description: 'Signing secret of Stripe webhook endpoint we_gone',
    });
    stripe.endpoints.push({
      id: 'we_other',
      url: INPUT.stripe.webhookUrl,
      enabled_events: [...INPUT.stripe.events],
      status: 'enabled',
      api_version: Stripe.API_VERSION,
    });
    await runSteps(STEPS, testContext({ stripePort: stripe.port }), APPLY);
    expect(stripe.endpoints.map(({ id }) => id)).toEqual(['we_1']);
    expect(stored.get(SECRET_NAME)?.Value).toBe(stripe.secrets[0]);
  });

  it('updates events and status in place, keeps the secret, removes doubles, spares other URLs', async () => {
    storeKey();
    stored.set(SECRET_NAME, {
      Name: SECRET_NAME,
      Type: 'SecureString',
      Value: 'whsec_kept',
      Description: 'Signing secret of Stripe webhook endpoint we_ours',
    });
    const common = { status: 'disabled', api_version: Stripe.API_VERSION };
    stripe.endpoints.push(
      {
        ...common,
        id: 'we_ours',
        url: INPUT.stripe.webhookUrl,
        enabled_events: ['charge.succeeded'],
      },
      {
        ...common,
        id: 'we_double',
        url: INPUT.stripe.webhookUrl,
        enabled_events: ['charge.succeeded'],
      },
      { ...common, id: 'we_shop', url: 'https://shop.example/hook', enabled_events: ['*'] },
    );
    expect(exitCodeOf(await runSteps(STEPS, testContext({ stripePort: stripe.port }), APPLY))).toBe(0);
    expect(stripe.endpoints).toMatchObject([
      { id: 'we_ours', status: 'enabled', enabled_events: INPUT.stripe.events },
      { id: 'we_shop', status: 'disabled' },
    ]);
    expect(mutations(aws)).toEqual([]);
  });

  it('--check only reads, at Stripe too', async () => {
    storeKey();
    const outcomes = await runSteps(STEPS, testContext({ stripePort: stripe.port }), CHECK);
    expect(outcomes.get('stripe-webhook')).toMatchObject({ kind: 'missing' });
    expect(stripe.requests.every((line) => line.startsWith('GET '))).toBe(true);
    expect(mutations(aws)).toEqual([]);
  });
});
