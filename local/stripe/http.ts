import type { IncomingMessage, ServerResponse } from 'node:http';

/** The largest request body taken, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** A request's body was larger than `MAX_BODY_BYTES`. */
export class BodyTooLarge extends Error {}

/** The client went away before its request was complete. */
export class ClientGone extends Error {}

/**
 * Reads a body of at most `MAX_BODY_BYTES`.
 * @throws BodyTooLarge, ClientGone
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new ClientGone('the client went away', { cause: error });
  }
  if (size > MAX_BODY_BYTES) throw new BodyTooLarge();
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends a body with its length. */
export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, no-store',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** A header's single value. */
export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
