/**
 * What runs in the page of a mailed link; `link-page.ts` puts what the page is for, and its words, in place of two
 * strings. Written for browsers of the last years; text becomes text only, never markup.
 */
export const LINK_PAGE_SCRIPT = `'use strict';
(() => {
  const kind = "KIND";
  const all = "TEXTS";
  const language = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in all) || 'en';
  const texts = all[language];
  const page = texts.pages[kind];
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  // Neither the history nor a screenshot of the address bar is to keep it.
  history.replaceState(null, '', location.pathname);
  // A link that is opened where the page stands already changes the fragment only.
  addEventListener('hashchange', () => location.reload());

  const at = (id) => document.getElementById(id);
  const words = {
    title: page.title, lead: page.lead, 'act-button': page.button, 'new-label': texts.newPassword, 'again-label': texts.again,
    rules: texts.rules, 'password-label': texts.password.label, 'not-mine': texts.password.notMine, reset: texts.password.reset,
    'ask-lead': texts.ask.lead, 'email-label': texts.ask.email, 'ask-button': texts.ask.button,
  };
  document.documentElement.lang = language;
  document.title = page.title;
  for (const [id, text] of Object.entries(words)) if (at(id)) at(id).textContent = text;

  const say = (text, isBad) => {
    at('status').textContent = text;
    at('status').className = isBad ? 'bad' : '';
    at('status').hidden = false;
  };
  const asks = { 'verify-email': '/api/auth/resend-verification', 'reset-password': '/api/auth/forgot-password' };
  const offer = () => {
    at('act').hidden = true;
    at('ask').hidden = !(kind in asks);
  };
  const post = async (path, body) => {
    try {
      const answer = await fetch(path, {
        method: 'POST', credentials: 'omit', cache: 'no-store',
        headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
      });
      return answer.status;
    } catch {
      return 0;
    }
  };
  const failures = { 400: texts.rules, 409: texts.taken, 410: texts.dead, 422: texts.password.wrong, 429: texts.tooMany };
  const whenSent = (form, button, send) => {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      button.disabled = true;
      at('status').hidden = true;
      const finished = await send().catch(() => false);
      button.disabled = false;
      if (finished) {
        form.hidden = true;
        at('title').focus();
      }
    });
  };

  whenSent(at('act'), at('act-button'), async () => {
    const body = { token };
    if (kind === 'reset-password') {
      if (at('new').value !== at('again').value) {
        say(texts.differ, true);
        at('again').focus();
        return false;
      }
      body.newPassword = at('new').value;
    }
    if (at('password')) body.password = at('password').value;
    const status = await post('/api/auth/' + kind, body);
    if (status === 200) {
      say(page.done, false);
      return true;
    }
    say(failures[status] || texts.failed, true);
    if (status === 410) offer();
    return false;
  });
  whenSent(at('ask'), at('ask-button'), async () => {
    const status = await post(asks[kind], { email: at('email').value });
    say(status === 202 ? texts.ask.done : failures[status] || texts.failed, status !== 202);
    return status === 202;
  });

  if (!token) {
    offer();
    if (!(kind in asks)) say(texts.dead, true);
  }
})();
`;
