/** The corner of Stripe's HTTP API that setup calls, on loopback, with endpoints that remember. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type FakeEndpoint = {
  readonly id: string;
  readonly url: string;
  enabled_events: string[];
  status: string;
  readonly api_version: string | null;
};

export type FakeStripe = {
  readonly port: number;
  readonly endpoints: FakeEndpoint[];
  /** Method and path of each request, such as `POST /v1/webhook_endpoints`. */
  readonly requests: string[];
  /** Signing secrets that were handed out. */
  readonly secrets: string[];
  /** Keys that are accepted. */
  readonly keys: Set<string>;
  readonly close: () => Promise<void>;
};

export async function startFakeStripe(keys: readonly string[]): Promise<FakeStripe> {
  const endpoints: FakeEndpoint[] = [];
  const requests: string[] = [];
  const secrets: string[] = [];
  const accepted = new Set(keys);
  let made = 0;

  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.push(`${request.method} ${path}`);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const events = [...form].filter(([name]) => name.startsWith('enabled_events')).map(([, value]) => value);
    const key = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!accepted.has(key)) {
      send(response, 401, {
        error: { type: 'invalid_request_error', message: `Invalid API Key provided: ${key}` },
      });
      return;
    }
    const endpoint = endpoints.find(({ id }) => path === `/v1/webhook_endpoints/${id}`);
    if (path === '/v1/balance') {
      send(response, 200, {
        object: 'balance',
        livemode: key.includes('_live_'),
        available: [],
        pending: [],
      });
    } else if (path === '/v1/webhook_endpoints' && request.method === 'GET') {
      send(response, 200, { object: 'list', data: endpoints, has_more: false, url: path });
    } else if (path === '/v1/webhook_endpoints') {
      made += 1;
      const secret = `whsec_fake${made}SigningSecret`;
      secrets.push(secret);
      const one = {
        id: `we_${made}`,
        url: form.get('url') ?? '',
        enabled_events: events,
        status: 'enabled',
        api_version: form.get('api_version'),
      };
      endpoints.push(one);
      send(response, 200, { object: 'webhook_endpoint', ...one, secret });
    } else if (endpoint !== undefined && request.method === 'DELETE') {
      endpoints.splice(endpoints.indexOf(endpoint), 1);
      send(response, 200, { id: endpoint.id, object: 'webhook_endpoint', deleted: true });
    } else if (endpoint !== undefined) {
      if (events.length > 0) endpoint.enabled_events = events;
      if (form.get('disabled') === 'false') endpoint.status = 'enabled';
      send(response, 200, { object: 'webhook_endpoint', ...endpoint });
    } else {
      send(response, 404, { error: { type: 'invalid_request_error', message: 'no such thing' } });
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    port: address.port,
    endpoints,
    requests,
    secrets,
    keys: accepted,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': 'req_fake' });
  response.end(JSON.stringify(body));
}
