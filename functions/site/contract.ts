import * as z from 'zod/mini';

import { orderParams } from '../orders/contract.ts';
import { httpEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';

export const health = route({
  id: 'health',
  method: 'GET',
  path: '/api/health',
  summary: 'Whether the API answers',
  access: { who: 'anyone' },
  responses: { 200: z.object({ status: z.literal('ok') }) },
  problems: [],
});

export const openApiDocument = route({
  id: 'openApiDocument',
  method: 'GET',
  path: '/api/openapi.json',
  summary: 'This API as an OpenAPI 3.1 document',
  access: { who: 'anyone' },
  responses: { 200: z.record(z.string(), z.unknown()) },
  problems: [],
});

export const docsPage = route({
  id: 'docsPage',
  method: 'GET',
  path: '/api/docs',
  summary: 'This API as a page to read',
  access: { who: 'anyone' },
  responses: { 200: null },
  produces: 'text/html; charset=utf-8',
  problems: [],
});

/** A page that a mailed link leads to; its token stands in the fragment, which is sent to nobody. */
const linkPage = <const Id extends string, const Path extends `/${string}`>(id: Id, path: Path, summary: string) =>
  route({
    id,
    method: 'GET',
    path,
    summary,
    access: { who: 'anyone' },
    responses: { 200: null },
    produces: 'text/html; charset=utf-8',
    problems: [],
  });

export const verifyEmailPage = linkPage('verifyEmailPage', '/verify-email', 'The page that proves an address');
export const resetPasswordPage = linkPage('resetPasswordPage', '/reset-password', 'The page of a forgotten password');
export const unlockPage = linkPage('unlockPage', '/unlock', 'The page that unlocks an account');
export const confirmEmailPage = linkPage('confirmEmailPage', '/confirm-email', 'The page that proves another address');

export const invitationPage = linkPage('invitationPage', '/invitation', 'The page that an invitation is accepted on');

export const ticketPage = linkPage('ticketPage', '/ticket', 'The page that shows a ticket without a log-in');

export const transferPage = linkPage(
  'transferPage',
  '/ticket-transfer',
  'The page that an offered ticket is accepted on',
);

/** The page that mails and text messages about an order lead to; it asks its reader to sign in. */
export const orderPage = route({
  id: 'orderPage',
  method: 'GET',
  path: '/orders/{orderId}',
  summary: 'The page that shows an order to whoever made it',
  access: { who: 'anyone' },
  params: orderParams,
  responses: { 200: null },
  produces: 'text/html; charset=utf-8',
  problems: [],
});

/**
 * The page of a mail that may be done without. Mail programs that know no unsubscribing by one click open the address that
 * others post to, with the token in its query.
 */
export const unsubscribePage = route({
  id: 'unsubscribePage',
  method: 'GET',
  path: '/unsubscribe',
  summary: 'The page on which mails of a kind are unsubscribed from',
  access: { who: 'anyone' },
  query: z.strictObject({ token: z.optional(z.string().check(z.maxLength(500))) }),
  responses: { 200: null },
  produces: 'text/html; charset=utf-8',
  problems: [],
});

export const siteRoutes = [
  health,
  openApiDocument,
  docsPage,
  verifyEmailPage,
  resetPasswordPage,
  unlockPage,
  confirmEmailPage,
  invitationPage,
  orderPage,
  ticketPage,
  transferPage,
  unsubscribePage,
] as const;

/** The site needs nothing but what every function behind the API does: it touches neither table nor secrets. */
export const siteEnv = httpEnv;
