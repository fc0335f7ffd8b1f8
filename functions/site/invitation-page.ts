import { acceptInvitation, showInvitation } from '../organizations/invitations-contract.ts';
import { login } from '../users/contract.ts';
import { refresh } from '../users/session-contract.ts';
import { ACCEPT_SCRIPT, ACCEPT_WAIT, acceptForms } from './accept-page.ts';
import type { Page } from './domain/docs-page.ts';
import { INVITATION_PAGE_TEXTS } from './invitation-texts.ts';
import { PAGE_STYLE } from './page-style.ts';
import { scriptedPage } from './scripted-page.ts';

/** Where the script goes; from the contracts, so that a renamed route does not leave the page behind. */
const PATHS = {
  show: showInvitation.path,
  accept: acceptInvitation.path,
  login: login.path,
  refresh: refresh.path,
};

/** The script of the page: shows what the token in the fragment is for, signs in, accepts. */
const SCRIPT = `'use strict';
(() => {
  const paths = ${JSON.stringify(PATHS)};
  const texts = ${JSON.stringify(INVITATION_PAGE_TEXTS)};
${ACCEPT_SCRIPT}
  const fill = (text, values) => text.replace(/\\{(\\w+)\\}/g, (whole, name) => values[name] ?? whole);
  const time = (at) => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(at));
  const describe = ({ post: held, eventTitle, from, until }) =>
    [t.posts[held], eventTitle, from && fill(t.from, { time: time(from) }), until && fill(t.until, { time: time(until) })]
      .filter(Boolean).join(' · ');

  const accept = async () => {
    const { status, json } = await post(paths.accept, { token });
    if (status === 200) {
      history.replaceState(null, '', location.pathname);
      $('done').textContent = fill(t.done, { name: json.name });
      show('done');
      return;
    }
    if (status === 410) { show('gone'); return; }
    if (status === 401 || json.code === 'INVITED_OTHER_ADDRESS') askWho('offer');
    explain({ json });
  };

  const begin = async () => {
    if (token === '') { show('gone'); return; }
    const shown = await post(paths.show, { token });
    if (shown.status === 410) { show('gone'); return; }
    if (shown.status !== 200) { show(); explain(shown); return; }
    $('what').textContent = fill(t.offer, { name: shown.json.organization.name });
    for (const held of shown.json.posts) {
      const item = document.createElement('li');
      item.textContent = describe(held);
      $('posts').append(item);
    }
    $('ends').textContent = fill(t.ends, { time: time(shown.json.expiresAt) });
    await offer('offer', accept);
  };
  void begin();
})();
`;

/** The page that a mailed invitation leads to. */
export function makeInvitationPage(): Page {
  return scriptedPage({
    title: 'Your invitation',
    style: PAGE_STYLE,
    script: SCRIPT,
    body: `<h1 data-text="title">Your invitation</h1>
${ACCEPT_WAIT}
<section id="offer" data-part hidden><p id="what"></p><ul id="posts"></ul><p id="ends" class="soft"></p></section>
${acceptForms('Accept')}
<p id="done" data-part role="status" hidden></p>
<p id="gone" data-part role="status" data-text="gone" hidden></p>`,
  });
}
