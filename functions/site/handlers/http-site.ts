import { httpFunction, serve } from '../../shared/runtime/http.ts';
import {
  showDocs,
  showHealth,
  showInvitationPage,
  showLinkPage,
  showOpenApi,
  showTicketPage,
  showTransferPage,
  showUnsubscribePage,
} from '../answers.ts';
import {
  confirmEmailPage,
  docsPage,
  health,
  invitationPage,
  openApiDocument,
  resetPasswordPage,
  ticketPage,
  transferPage,
  unlockPage,
  unsubscribePage,
  verifyEmailPage,
} from '../contract.ts';

export const handler = httpFunction({}, [
  serve(health, async () => showHealth()),
  serve(openApiDocument, async () => showOpenApi()),
  serve(docsPage, async () => showDocs()),
  serve(verifyEmailPage, async () => showLinkPage('verify-email')),
  serve(resetPasswordPage, async () => showLinkPage('reset-password')),
  serve(unlockPage, async () => showLinkPage('unlock')),
  serve(confirmEmailPage, async () => showLinkPage('confirm-email')),
  serve(invitationPage, async () => showInvitationPage()),
  serve(ticketPage, async () => showTicketPage()),
  serve(transferPage, async () => showTransferPage()),
  serve(unsubscribePage, async () => showUnsubscribePage()),
]);
