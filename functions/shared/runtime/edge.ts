import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

import { problem, ProblemError } from '../kernel/problems.ts';
import { ORIGIN_KEY_HEADER } from './origin-header.ts';
import { readKeyRing } from './secrets.ts';

/** Where a request came from. Personal data: it is never stored or logged but as {@link ClientAddress.network}. */
export interface ClientAddress {
  /** IPv4, or IPv6 in its shortest form; `unknown` where neither was given. */
  readonly address: string;
  /** What limits count by: the address, for IPv6 its /64, since one household has a whole one to choose from. */
  readonly limitKey: string;
  /** What a log may say: the IPv4 /24 or the IPv6 /48. */
  readonly network: string;
}

/** Set by CloudFront itself, whatever the viewer sent under this name. */
const VIEWER_ADDRESS_HEADER = 'cloudfront-viewer-address';

const UNKNOWN: ClientAddress = { address: 'unknown', limitKey: 'unknown', network: 'unknown' };

/**
 * Lets a request in that came through our distribution, and says who sent it. Each live key of the ring is
 * accepted, so that it can be rotated. Where nothing stands in front of the API, whoever opened the
 * connection is the client. `X-Forwarded-For` is never read: anybody can write it.
 *
 * @param keysParameter SSM parameter of the origin's key ring; empty where no distribution is in front
 * @throws ProblemError PAST_THE_EDGE for a request that came to the API directly
 */
export async function admitAtEdge(event: APIGatewayProxyEventV2, keysParameter: string): Promise<ClientAddress> {
  if (keysParameter === '') return clientAt(event.requestContext.http.sourceIp);
  const { keys } = await readKeyRing(keysParameter);
  const given = digest(event.headers[ORIGIN_KEY_HEADER] ?? '');
  // Every key is compared, in constant time each, so that an answer's time tells nothing of them.
  const matches = [...keys.values()].filter((key) => timingSafeEqual(given, digest(Buffer.from(key).toString('hex'))));
  if (matches.length === 0) {
    throw new ProblemError(problem('PAST_THE_EDGE', 'Send requests to the public address of the site.'));
  }
  return clientAt(withoutPort(event.headers[VIEWER_ADDRESS_HEADER] ?? ''));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `198.51.100.10:46532`, `[2001:db8::1]:46532` or `2001:db8::1:46532`: CloudFront always appends the port. */
function withoutPort(viewer: string): string {
  return viewer.slice(0, Math.max(0, viewer.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1');
}

/** The client at an address without port; `unknown` for what is no address. */
export function clientAt(text: string): ClientAddress {
  if (isIPv4(text)) return { address: text, limitKey: text, network: `${text.split('.').slice(0, 3).join('.')}.0/24` };
  if (!isIPv6(text) || text.includes('%')) return UNKNOWN;
  // The URL parser knows the shortest form (RFC 5952) of every way to write an address.
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const groups = groupsOf(address);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address);
  if (mapped !== null) return clientAt(dotted(mapped[1] ?? '', mapped[2] ?? ''));
  return { address, limitKey: `${prefix(groups, 4)}/64`, network: `${prefix(groups, 3)}/48` };
}

/** The eight groups of an IPv6 address in its shortest form. */
function groupsOf(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const split = (part: string): string[] => part.split(':').filter(Boolean);
  if (tail === undefined) return split(head);
  const [before, after] = [split(head), split(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

function prefix(groups: readonly string[], count: number): string {
  return `${groups.slice(0, count).join(':')}::`;
}

/** The IPv4 address that an IPv4-mapped IPv6 address holds in its last two groups. */
function dotted(...groups: readonly [string, string]): string {
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
}
