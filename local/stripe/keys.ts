import { unauthenticated } from './errors.ts';
import { header } from './http.ts';
import type { IncomingMessage } from 'node:http';

/**
 * Who calls: the account with its secret key, or a buyer's browser with a publishable key or none.
 * @returns whether the caller is only a client
 */
export function authenticate(
  secretKey: string,
  request: IncomingMessage,
  clientMay: boolean,
  body: string,
  url: URL,
): boolean {
  const given = keyOf(request) ?? new URLSearchParams(body).get('key') ?? url.searchParams.get('key') ?? undefined;
  if (given === secretKey) return false;
  const client = given === undefined || given.startsWith('pk_');
  if (client && clientMay) return true;
  if (given === undefined) {
    throw unauthenticated(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    );
  }
  if (client)
    throw unauthenticated(
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
      'secret_key_required',
    );
  throw unauthenticated(`Invalid API Key provided: ${masked(given)}`);
}

function keyOf(request: IncomingMessage): string | undefined {
  const authorization = header(request, 'authorization');
  if (authorization === undefined) return undefined;
  const [scheme, value] = authorization.split(' ', 2);
  if (scheme?.toLowerCase() === 'basic')
    return (
      Buffer.from(value ?? '', 'base64')
        .toString('utf8')
        .split(':')[0] ?? ''
    );
  return value ?? '';
}

function masked(key: string): string {
  return key.length <= 12
    ? '*'.repeat(key.length)
    : `${key.slice(0, 8)}${'*'.repeat(Math.min(key.length - 12, 20))}${key.slice(-4)}`;
}
