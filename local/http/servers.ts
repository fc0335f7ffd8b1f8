import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from '../lambda/metrics.ts';
import { closeServer, HOST, listen, type PortChoice } from '../ports.ts';
import type { HttpApi } from './http-api.ts';

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A server whose port is taken before it can answer. */
export interface BoundServer {
  readonly url: string;
  handler: HttpHandler;
  close(): Promise<void>;
}

/** Takes a port at once, so that a taken one is told before anything else starts; serves 503 until it has a handler. */
export async function bindServer(choice: PortChoice): Promise<BoundServer> {
  const server: Server = createServer({ requestTimeout: 60_000 });
  const port = await listen(server, choice);
  const bound: BoundServer = {
    url: `http://${HOST}:${port}`,
    close: () => closeServer(server),
    handler: (_request, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end();
      return Promise.resolve();
    },
  };
  server.on('request', (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    bound.handler(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'Internal Server Error' }));
    });
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return bound;
}

/** What the main port serves. */
export interface MainParts {
  readonly page: string;
  readonly metrics: Metrics;
  readonly httpApi: HttpApi | undefined;
}

/** Answers on the main port: the welcome page, the metrics, and the HTTP API for all else. */
export async function serveMain(
  request: IncomingMessage,
  response: ServerResponse,
  { page, metrics, httpApi }: MainParts,
): Promise<void> {
  const url = URL.canParse(request.url ?? '/', 'http://main.local')
    ? new URL(request.url ?? '/', 'http://main.local')
    : undefined;
  if (url === undefined) return void response.writeHead(400).end();
  if (request.method === 'GET' && url.pathname === '/') {
    return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  }
  if (request.method === 'GET' && url.pathname === '/metrics') {
    return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(metrics.text());
  }
  if (httpApi !== undefined) return httpApi.handle(request, response, url);
  response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ message: 'Not Found' }));
}
