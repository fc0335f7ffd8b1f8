import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';

import { HOST } from '../ports.ts';

/** What a device would have been woken for. */
export interface PushNotification {
  readonly token: string;
  /** The pass type. */
  readonly topic: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Old ones go: nobody looks for the push of an hour ago. */
const MOST_KEPT = 1_000;

/**
 * A stand-in of Apple's push service (HTTP/2, without TLS): what it is told it keeps in memory to be looked at. Tokens that begin with
 * `dead` are of no device any more.
 */
export class PushService {
  readonly #server: Http2Server;
  readonly #told: PushNotification[] = [];
  url = '';

  private constructor() {
    this.#server = createServer();
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#answer(stream, headers[':path'] ?? '', String(headers['apns-topic'] ?? ''));
    });
  }

  static async start(): Promise<PushService> {
    const service = new PushService();
    await new Promise<void>((resolve) => {
      service.#server.listen(0, HOST, resolve);
    });
    const address = service.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The push service has no port');
    service.url = `http://${HOST}:${address.port}`;
    return service;
  }

  /** What was pushed, oldest first. */
  all(): readonly PushNotification[] {
    return this.#told;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #answer(stream: ServerHttp2Stream, path: string, topic: string): void {
    const token = /^\/3\/device\/(\w+)$/.exec(path)?.[1];
    const status = token === undefined || topic === '' ? 400 : token.startsWith('dead') ? 410 : 200;
    if (token !== undefined && status === 200) {
      this.#told.push({ token, topic, at: new Date().toISOString() });
      if (this.#told.length > MOST_KEPT) this.#told.shift();
    }
    stream.respond({ ':status': status });
    stream.end(status === 200 ? '' : JSON.stringify({ reason: status === 410 ? 'Unregistered' : 'BadDeviceToken' }));
  }
}
