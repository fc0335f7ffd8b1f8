/** Stripe's secret key: taken from the terminal or the environment, tried out, then stored. */
import { NeedsPerson, SetupError, isNamed } from '../errors.ts';
import { readSecret, replaceSecret, secretOfKind } from '../parameters.ts';
import type { Context, Step, StepStatus } from '../plan.ts';

/** Mode of a key by its prefix (https://docs.stripe.com/keys); `undefined` if it is no secret key. */
export function modeOfKey(key: string): 'test' | 'live' | undefined {
  const match = /^(?:sk|rk)_(test|live)_[A-Za-z0-9]+$/.exec(key);
  return match === null ? undefined : match[1] === 'live' ? 'live' : 'test';
}

/** Why a key is unfit for a stage, worded for a person; `undefined` if it fits. */
export function faultOfKey(key: string, stage: string, mode: 'test' | 'live'): string | undefined {
  const found = modeOfKey(key);
  if (found === undefined) return 'this is not a Stripe secret key (sk_test_…, sk_live_…, rk_test_… or rk_live_…)';
  if (found === mode) return undefined;
  return found === 'live'
    ? `a live key would charge real cards on stage ${stage}, which works in test mode`
    : `stage ${stage} takes real payments, and this is a test key`;
}

async function check(context: Context): Promise<StepStatus> {
  const { stage, stripe: wanted } = context.input;
  const { name } = secretOfKind(context, 'stripe-secret-key');
  const key = await readSecret(context, name);
  const will = `ask for the ${wanted.mode} secret key, try it out and store it in ${name}`;
  if (key === undefined) return { kind: 'missing', detail: 'no key is stored', will };
  const fault = faultOfKey(key, stage, wanted.mode);
  if (fault !== undefined) return { kind: 'missing', detail: `the stored key is unfit: ${fault}`, will };
  try {
    await verify(context, key);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'missing', detail: 'Stripe no longer accepts the stored key', will };
  }
  return { kind: 'done', detail: `a ${wanted.mode} key is stored, and Stripe accepts it` };
}

async function apply(context: Context): Promise<void> {
  const { stage, stripe: wanted } = context.input;
  const { name, purpose } = secretOfKind(context, 'stripe-secret-key');
  const key = context.stripeKeyFromEnvironment ?? (await ask(context));
  context.redactor.hide(key);
  const fault = faultOfKey(key, stage, wanted.mode);
  if (fault !== undefined) throw new SetupError(`The key was not stored: ${fault}.`);
  await verify(context, key);
  await replaceSecret(context, name, key, purpose);
}

async function ask(context: Context): Promise<string> {
  const { mode } = context.input.stripe;
  const answer = (await context.prompt.askSecret(`Stripe ${mode} secret key (not shown): `))?.trim();
  if (answer === undefined || answer === '') {
    throw new NeedsPerson('Stripe’s secret key is needed', [
      `Copy the ${mode} secret key from https://dashboard.stripe.com/apikeys and run this from a terminal, or set STRIPE_SECRET_KEY.`,
    ]);
  }
  return answer;
}

/** The balance is the cheapest call that every account has; its `livemode` is Stripe's own word on the key. */
async function verify(context: Context, key: string): Promise<void> {
  const { livemode } = await context.connectStripe(key).balance.retrieve();
  if (livemode !== (context.input.stripe.mode === 'live')) {
    throw new SetupError(`Stripe says that this key works in ${livemode ? 'live' : 'test'} mode.`);
  }
}

function isRefusal(error: unknown): boolean {
  return (
    isNamed(error, 'StripeAuthenticationError') ||
    (error instanceof Error && 'type' in error && error.type === 'StripeAuthenticationError')
  );
}

export const stripeKeyStep: Step = {
  name: 'stripe-key',
  title: 'Stripe key',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['ssm:GetParameter', 'kms:Decrypt'], apply: ['ssm:PutParameter'] },
  check,
  apply,
};
