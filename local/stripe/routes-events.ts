import type Stripe from 'stripe';
import { invalidParam, missing } from './errors.ts';
import { page } from './lists.ts';
import {
  emptyable,
  expandField,
  flag,
  inRange,
  listOf,
  mergeMetadata,
  metadata,
  pageFields,
  params,
  text,
  timeRange,
} from './params.ts';
import { route, type Route } from './routing.ts';
import { newId, type EndpointRecord } from './store.ts';

const eventRoutes: readonly Route[] = [
  route('GET', '/v1/events/:id', params(expandField), (call) => {
    const event = call.engine.store.events.get(call.id);
    if (event === undefined) throw missing('event', call.id, 'id');
    return event;
  }),
  route(
    'GET',
    '/v1/events',
    params({
      ...pageFields,
      created: timeRange,
      type: text(100),
      types: listOf(text(100), 20),
      delivery_success: flag,
    }),
    (call) => {
      const { created, type, types, delivery_success: delivered } = call.params;
      if (type !== undefined && types !== undefined)
        throw invalidParam(
          'You may only specify one of these parameters: type, types.',
          'types',
          'parameters_exclusive',
        );
      const wanted = types ?? (type === undefined ? undefined : [type]);
      return page(
        call.engine.store.events,
        '/v1/events',
        call.params,
        (event) =>
          (wanted === undefined || wanted.some((name) => matchesType(name, event.type))) &&
          (delivered === undefined || (event.pending_webhooks === 0) === delivered) &&
          inRange(event.created, created),
      );
    },
  ),
];

/** `charge.*` matches every charge event, as at Stripe. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}

/** An endpoint without its secret: only its creation shows that. */
function endpointOf(record: EndpointRecord): Stripe.WebhookEndpoint {
  return record.object;
}

const endpointRoutes: readonly Route[] = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    params(
      {
        url: text(5_000),
        enabled_events: listOf(text(100), 300),
        api_version: text(100),
        description: emptyable(text(5_000)),
        metadata,
        ...expandField,
      },
      ['url', 'enabled_events'],
      ['connect'],
    ),
    (call) => {
      const given = call.params;
      if (!URL.canParse(given.url))
        throw invalidParam('Invalid URL: An explicit scheme (such as https) must be provided.', 'url', 'url_invalid');
      const object: Stripe.WebhookEndpoint = {
        id: newId('we'),
        object: 'webhook_endpoint',
        api_version: given.api_version ?? null,
        application: null,
        created: Math.floor(call.engine.clock.now() / 1_000),
        description: given.description ?? null,
        enabled_events: given.enabled_events,
        livemode: false,
        metadata: mergeMetadata({}, given.metadata),
        status: 'enabled',
        url: given.url,
      };
      const secret = newId('whsec');
      call.engine.store.webhookEndpoints.put({ id: object.id, secret, object });
      return { ...object, secret };
    },
  ),
  route('GET', '/v1/webhook_endpoints/:id', params(expandField), (call) => {
    const record = call.engine.store.webhookEndpoints.get(call.id);
    if (record === undefined) throw missing('webhook endpoint', call.id, 'id');
    return endpointOf(record);
  }),
  route('GET', '/v1/webhook_endpoints', params(pageFields), (call) => {
    const listed = page(call.engine.store.webhookEndpoints, '/v1/webhook_endpoints', call.params, () => true);
    return { ...listed, data: listed.data.map(endpointOf) };
  }),
  route('DELETE', '/v1/webhook_endpoints/:id', params(expandField), (call) => {
    const record = call.engine.store.webhookEndpoints.get(call.id);
    if (record === undefined) throw missing('webhook endpoint', call.id, 'id');
    call.engine.store.webhookEndpoints.delete(call.id);
    return { id: call.id, object: 'webhook_endpoint', deleted: true };
  }),
];

const methodRoutes: readonly Route[] = [
  route('GET', '/v1/payment_methods/:id', params(expandField), (call) => {
    const record = call.engine.store.paymentMethods.get(call.id);
    if (record === undefined) throw missing('PaymentMethod', call.id, 'payment_method');
    return record.object;
  }),
];

/** Events, webhook endpoints and payment methods. */
export const eventAndEndpointRoutes: readonly Route[] = [...eventRoutes, ...endpointRoutes, ...methodRoutes];
