import { serve } from '../shared/runtime/http.ts';
import {
  showDocs,
  showHealth,
  showInvitationPage,
  showLinkPage,
  showOpenApi,
  showOrderPage,
  showTicketPage,
  showTransferPage,
  showUnsubscribePage,
} from './answers.ts';
import {
  confirmEmailPage,
  docsPage,
  health,
  invitationPage,
  openApiDocument,
  orderPage,
  resetPasswordPage,
  ticketPage,
  transferPage,
  unlockPage,
  unsubscribePage,
  verifyEmailPage,
} from './contract.ts';

/** The pages of the site, and the API as a document: the same for everybody. */
export const servedPages = [
  serve(health, async () => showHealth()),
  serve(openApiDocument, async () => showOpenApi()),
  serve(docsPage, async () => showDocs()),
  serve(verifyEmailPage, async () => showLinkPage('verify-email')),
  serve(resetPasswordPage, async () => showLinkPage('reset-password')),
  serve(unlockPage, async () => showLinkPage('unlock')),
  serve(confirmEmailPage, async () => showLinkPage('confirm-email')),
  serve(invitationPage, async () => showInvitationPage()),
  serve(orderPage, async () => showOrderPage()),
  serve(ticketPage, async () => showTicketPage()),
  serve(transferPage, async () => showTransferPage()),
  serve(unsubscribePage, async () => showUnsubscribePage()),
];
