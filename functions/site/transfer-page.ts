import { acceptTicket } from '../delivery/transfer-contract.ts';
import { login } from '../users/contract.ts';
import { refresh } from '../users/session-contract.ts';
import { ACCEPT_SCRIPT, ACCEPT_WAIT, acceptForms } from './accept-page.ts';
import type { Page } from './domain/docs-page.ts';
import { PAGE_STYLE } from './page-style.ts';
import { scriptedPage } from './scripted-page.ts';
import { TRANSFER_PAGE_TEXTS } from './transfer-page-texts.ts';

/** Where the script goes; from the contracts, so that a renamed route does not leave the page behind. */
const PATHS = { accept: acceptTicket.path, login: login.path, refresh: refresh.path };

/** The script of the page: signs in and accepts the ticket that the fragment names. */
const SCRIPT = `'use strict';
(() => {
  const paths = ${JSON.stringify(PATHS)};
  const texts = ${JSON.stringify(TRANSFER_PAGE_TEXTS)};
${ACCEPT_SCRIPT}
  const ticket = fragment.get('ticket') || '';

  const accept = async () => {
    const { status, json } = await post(paths.accept.replace('{ticketId}', encodeURIComponent(ticket)), { token });
    if (status === 200) { history.replaceState(null, '', location.pathname); show('done'); return; }
    if (status === 410 || status === 400) { show('gone'); return; }
    if (status === 401) askWho('lead');
    explain({ json });
  };

  if (token === '' || ticket === '') show('gone');
  else void offer('lead', accept);
})();
`;

/** The page that the mail with an offered ticket leads to. */
export function makeTransferPage(): Page {
  return scriptedPage({
    title: 'A ticket for you',
    style: PAGE_STYLE,
    script: SCRIPT,
    body: `<h1 data-text="title">A ticket for you</h1>
${ACCEPT_WAIT}
<p id="lead" data-part data-text="lead" hidden></p>
${acceptForms('Accept the ticket')}
<p id="done" data-part role="status" data-text="done" hidden></p>
<p id="gone" data-part role="status" data-text="gone" hidden></p>`,
  });
}
