import { unsubscribe } from '../users/registration-contract.ts';
import type { Page } from './domain/docs-page.ts';
import { PAGE_STYLE } from './page-style.ts';
import { scriptedPage } from './scripted-page.ts';
import { UNSUBSCRIBE_PAGE_TEXTS } from './unsubscribe-page-texts.ts';

/**
 * The script of the page. The token is in the fragment of a mail's own link, and in the query where a mail program opens what
 * others post to; either way it leaves the address at once. What is posted is what such programs post.
 */
const SCRIPT = `'use strict';
(() => {
  const path = ${JSON.stringify(unsubscribe.path)};
  const texts = ${JSON.stringify(UNSUBSCRIBE_PAGE_TEXTS)};
  const language = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in texts) || 'en';
  const t = texts[language];
  const $ = (id) => document.getElementById(id);
  const token = new URLSearchParams(location.hash.slice(1)).get('token') || new URLSearchParams(location.search).get('token') || '';
  history.replaceState(null, '', location.pathname);
  addEventListener('hashchange', () => location.reload());

  document.documentElement.lang = language;
  document.title = t.title;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t[element.dataset.text];
  const say = (text, isBad) => {
    $(isBad ? 'alert' : 'status').textContent = text;
    $(isBad ? 'status' : 'alert').textContent = '';
  };

  $('stop').addEventListener('submit', async (event) => {
    event.preventDefault();
    $('button').disabled = true;
    say('', true);
    try {
      const answer = await fetch(path + '?' + new URLSearchParams({ token }), {
        method: 'POST', credentials: 'omit', cache: 'no-store', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      });
      const json = await answer.json().catch(() => ({}));
      if (answer.status === 200) {
        $('stop').hidden = true;
        say(t.done[json.stopped] || t.failed, false);
        $('title').focus();
        return;
      }
      say(answer.status === 410 ? t.dead : t.failed, true);
    } catch {
      say(t.failed, true);
    } finally {
      $('button').disabled = false;
    }
  });
  if (token === '') {
    $('stop').hidden = true;
    say(t.dead, true);
  }
})();
`;

/** The page on which somebody stops mails of a kind; opening it stops nothing, for programs open links as well. */
export function makeUnsubscribePage(): Page {
  const texts = UNSUBSCRIBE_PAGE_TEXTS.en;
  return scriptedPage({
    title: texts.title,
    style: `${PAGE_STYLE}button{min-height:2.75rem}`,
    script: SCRIPT,
    body: `<h1 id="title" tabindex="-1" data-text="title">${texts.title}</h1>
<p id="status" role="status"></p><p id="alert" role="alert"></p>
<form id="stop"><p data-text="lead">${texts.lead}</p>
<p><button id="button" type="submit" data-text="button">${texts.button}</button></p>
<p class="soft" data-text="still">${texts.still}</p></form>
<noscript><p>This page needs JavaScript to send the link back.</p></noscript>`,
  });
}
