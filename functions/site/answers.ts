import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import { routesByContext } from './all-routes.ts';
import { docsPageOf, type Page } from './domain/docs-page.ts';
import { linkPageOf } from './link-page.ts';
import type { LinkPageKind } from './domain/link-page-texts.ts';
import { openApiOf, type OpenApi } from './domain/openapi.ts';
import { makeInvitationPage } from './invitation-page.ts';
import { makeOrderPage } from './order-page.ts';
import { makeTicketPage } from './ticket-page.ts';
import { makeTransferPage } from './transfer-page.ts';
import { makeUnsubscribePage } from './unsubscribe-page.ts';

/** Both change with a deploy only; five minutes keep an old one from lasting. */
const CACHED = { 'cache-control': 'public, max-age=300' };

// Made from the routes when first asked for, then kept: they are the same for everybody.
let openApi: OpenApi | undefined;
let page: Page | undefined;
let invitation: Page | undefined;
let order: Page | undefined;
let ticket: Page | undefined;
let transfer: Page | undefined;
let unsubscribing: Page | undefined;

/** Says that the API answers, and nothing else. */
export function showHealth(): Result<Answer, never> {
  return ok({ status: 200, body: { status: 'ok' } });
}

/** The OpenAPI document of all routes. */
export function showOpenApi(): Result<Answer, never> {
  return ok({ status: 200, body: openApiDocumentOfAll(), headers: CACHED });
}

/** The page made from it. */
export function showDocs(): Result<Answer, never> {
  return showPage((page ??= docsPageOf(openApiDocumentOfAll())));
}

/** The page of a mailed link. */
export function showLinkPage(kind: LinkPageKind): Result<Answer, never> {
  return showPage(linkPageOf(kind));
}

/** The page that a mailed invitation leads to. */
export function showInvitationPage(): Result<Answer, never> {
  return showPage((invitation ??= makeInvitationPage()));
}

/** The page of an order; the same for every order, since only its script asks for one. */
export function showOrderPage(): Result<Answer, never> {
  return showPage((order ??= makeOrderPage()));
}

/** The page of a ticket's link. */
export function showTicketPage(): Result<Answer, never> {
  return showPage((ticket ??= makeTicketPage()));
}

/** The page on which an offered ticket is accepted. */
export function showTransferPage(): Result<Answer, never> {
  return showPage((transfer ??= makeTransferPage()));
}

/** The page on which mails are unsubscribed from. */
export function showUnsubscribePage(): Result<Answer, never> {
  return showPage((unsubscribing ??= makeUnsubscribePage()));
}

function showPage({ html, contentSecurityPolicy }: Page): Result<Answer, never> {
  return ok({
    status: 200,
    file: { bytes: Buffer.from(html), mediaType: 'text/html; charset=utf-8' },
    headers: { ...CACHED, 'content-security-policy': contentSecurityPolicy },
  });
}

function openApiDocumentOfAll(): OpenApi {
  return (openApi ??= openApiOf(routesByContext));
}
