/**
 * The webhook endpoint at Stripe, and its signing secret in SSM.
 *
 * Stripe returns a signing secret once, when the endpoint is created. So the parameter's description
 * names the endpoint that its value belongs to: after a crash between "created" and "stored" the two
 * do not match, and the endpoint is rolled, that is created anew, its secret stored, and the old one
 * deleted. In this order, because an event that nobody listens to is an event that Stripe never sends.
 */
import Stripe from 'stripe';

import { SetupError } from '../errors.ts';
import { readParameters, readSecret, replaceSecret, secretOfKind } from '../parameters.ts';
import type { Context, Step, StepStatus, StripeEventName } from '../plan.ts';

/** What matters of an endpoint. */
export type Endpoint = Pick<Stripe.WebhookEndpoint, 'id' | 'enabled_events' | 'status' | 'api_version'>;

/** What to do about the endpoints of our URL. */
export type WebhookDecision =
  | { readonly action: 'nothing' }
  | { readonly action: 'remove'; readonly remove: readonly string[] }
  | {
      readonly action: 'update';
      readonly id: string;
      readonly why: string;
      readonly remove: readonly string[];
    }
  | { readonly action: 'create'; readonly why: string; readonly remove: readonly string[] };

/**
 * @param endpoints those with exactly our URL
 * @param secretOf id of the endpoint whose secret is stored, if any is
 * @param events wanted events, in any order
 * @param apiVersion version that the handlers are written against
 */
export function decideWebhook(
  endpoints: readonly Endpoint[],
  secretOf: string | undefined,
  events: readonly StripeEventName[],
  apiVersion: string,
): WebhookDecision {
  const all = endpoints.map(({ id }) => id);
  if (endpoints.length === 0) return { action: 'create', why: 'no endpoint is registered', remove: [] };
  const ours = endpoints.find(({ id }) => id === secretOf);
  if (ours === undefined) {
    return {
      action: 'create',
      why: 'an endpoint exists but its signing secret is not stored, and Stripe shows it only once',
      remove: all,
    };
  }
  if (ours.api_version !== apiVersion) {
    return {
      action: 'create',
      why: `the endpoint speaks API version ${ours.api_version ?? 'of the account'}, not ${apiVersion}, which cannot be changed`,
      remove: all,
    };
  }
  const remove = all.filter((id) => id !== ours.id);
  if (!sameSet(ours.enabled_events, events)) {
    return {
      action: 'update',
      id: ours.id,
      why: 'its events differ from those that are handled',
      remove,
    };
  }
  if (ours.status !== 'enabled') return { action: 'update', id: ours.id, why: 'it is disabled', remove };
  return remove.length === 0 ? { action: 'nothing' } : { action: 'remove', remove };
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  return left.size === new Set(b).size && b.every((one) => left.has(one));
}

const DESCRIPTION = 'Signing secret of Stripe webhook endpoint ';

/** The endpoint id in a parameter's description. */
export function endpointOfDescription(description: string): string | undefined {
  return /^Signing secret of Stripe webhook endpoint (\S+)$/.exec(description)?.[1];
}

type Found = { readonly stripe: Stripe; readonly decision: WebhookDecision };

async function read(context: Context): Promise<Found> {
  const { webhookUrl, events } = context.input.stripe;
  const key = await readSecret(context, secretOfKind(context, 'stripe-secret-key').name);
  if (key === undefined) throw new SetupError('The Stripe key is not stored yet: run the step stripe-key first.');
  const stripe = context.connectStripe(key);
  const endpoints: Stripe.WebhookEndpoint[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.url === webhookUrl) endpoints.push(endpoint);
  }
  const { name } = secretOfKind(context, 'stripe-webhook-secret');
  const parameter = (await readParameters(context, [name])).get(name);
  const secretOf = parameter?.type === 'SecureString' ? endpointOfDescription(parameter.description) : undefined;
  return { stripe, decision: decideWebhook(endpoints, secretOf, events, Stripe.API_VERSION) };
}

function describe(decision: WebhookDecision, url: string): StepStatus {
  const extra = 'remove' in decision && decision.remove.length > 0 ? `, then delete ${decision.remove.join(', ')}` : '';
  switch (decision.action) {
    case 'nothing':
      return { kind: 'done', detail: `${url} is registered and its signing secret is stored` };
    case 'remove':
      return {
        kind: 'missing',
        detail: 'the URL is registered more than once',
        will: `delete ${decision.remove.join(', ')} at Stripe`,
      };
    case 'update':
      return {
        kind: 'missing',
        detail: decision.why,
        will: `update endpoint ${decision.id}${extra}`,
      };
    case 'create':
      return {
        kind: 'missing',
        detail: decision.why,
        will: `register ${url} at Stripe and store its signing secret${extra}`,
      };
  }
}

async function apply(context: Context): Promise<void> {
  const { stripe, decision } = await read(context);
  switch (decision.action) {
    case 'nothing':
      return;
    case 'remove':
      break;
    case 'update':
      await stripe.webhookEndpoints.update(decision.id, {
        enabled_events: [...context.input.stripe.events],
        disabled: false,
      });
      break;
    case 'create':
      await create(context, stripe);
      break;
  }
  for (const id of decision.remove) await stripe.webhookEndpoints.del(id);
}

async function create(context: Context, stripe: Stripe): Promise<void> {
  const { webhookUrl, events } = context.input.stripe;
  const endpoint = await stripe.webhookEndpoints.create({
    url: webhookUrl,
    enabled_events: [...events],
    api_version: Stripe.API_VERSION,
    description: `Onsale, stage ${context.input.stage}`,
    metadata: { onsaleStage: context.input.stage },
  });
  if (endpoint.secret === undefined) throw new SetupError(`Stripe created ${endpoint.id} without a signing secret.`);
  const { name } = secretOfKind(context, 'stripe-webhook-secret');
  await replaceSecret(context, name, endpoint.secret, `${DESCRIPTION}${endpoint.id}`);
}

export const stripeWebhookStep: Step = {
  name: 'stripe-webhook',
  title: 'Stripe webhook',
  phase: 'before-deploy',
  requires: ['credentials', 'stripe-key'],
  permissions: {
    check: ['ssm:GetParameter', 'kms:Decrypt', 'ssm:DescribeParameters'],
    apply: ['ssm:PutParameter'],
  },
  check: async (context) => describe((await read(context)).decision, context.input.stripe.webhookUrl),
  apply,
};
