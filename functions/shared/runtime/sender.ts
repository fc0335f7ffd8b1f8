import type { APIGatewayProxyEventV2 } from 'aws-lambda';

import { problem, ProblemError } from '../kernel/problems.ts';

/** Which page a browser says that a request was sent by; `unknown` for what is no browser, or a very old one. */
export type Sender = 'own page' | 'other site' | 'unknown';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the method of `event` asks for a change (RFC 9110 section 9.2.1). */
export function asksForChange(event: APIGatewayProxyEventV2): boolean {
  return !SAFE_METHODS.has(event.requestContext.http.method);
}

/**
 * Reads what no script of a page can set. `Sec-Fetch-Site` comes first: it knows our host by whatever name the
 * page was loaded from, and a page that sends no referrer has the `Origin` `null` in some of its own requests.
 *
 * @param ownOrigin scheme, host and port of the site
 */
export function senderOf({ headers }: APIGatewayProxyEventV2, ownOrigin: string): Sender {
  const { 'sec-fetch-site': site, origin } = headers;
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'own page' : 'other site';
  if (origin === undefined) return 'unknown';
  return origin === ownOrigin ? 'own page' : 'other site';
}

/**
 * Refuses what another site's page asks to be changed, whoever is signed in and also where nobody need be: a
 * page that logs its visitor in as somebody else does harm as well. No other site may read our answers, so
 * nobody sends such a request in good faith.
 *
 * @throws ProblemError CROSS_SITE_REQUEST
 */
export function refuseOtherSites(event: APIGatewayProxyEventV2, sender: Sender): void {
  if (sender !== 'other site' || !asksForChange(event)) return;
  throw new ProblemError(
    problem(
      'CROSS_SITE_REQUEST',
      'Send it from a page of this site; a program sends neither Origin nor Sec-Fetch-Site.',
    ),
  );
}
