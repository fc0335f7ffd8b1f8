/**
 * What pages have in common whose reader signs in and accepts something that the token of a mail is for. The token is in the
 * fragment, which browsers send to nobody.
 */

/**
 * Goes after `paths` (with `login` and `refresh`) and `texts` by language. A session that the browser has is gone on with, which
 * is also how the script comes by its CSRF token. It puts texts into the page as texts only.
 */
export const ACCEPT_SCRIPT = `
  const language = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in texts) || 'en';
  const t = texts[language];
  const $ = (id) => document.getElementById(id);
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token') || '';
  let csrf;

  document.documentElement.lang = language;
  document.title = t.title;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t[element.dataset.text];
  addEventListener('hashchange', () => location.reload());

  const say = (text) => { $('alert').textContent = text; };
  const show = (...ids) => { for (const part of document.querySelectorAll('[data-part]')) part.hidden = !ids.includes(part.id); };
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json', ...(csrf === undefined ? {} : { 'x-xsrf-token': csrf }) };
    try {
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' });
      return { status: answer.status, json: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, json: {} };
    }
  };
  const explain = ({ json }) => say(t.problems[json.code] ?? t.failed);
  const askWho = (lead) => { csrf = undefined; show(lead, 'sign-in'); };

  /** Whoever is signed in may accept at once, anybody else signs in first; the part 'lead' stands above either. */
  const offer = async (lead, accept) => {
    /** One thing at a time, whatever is clicked how often. */
    const once = (work) => async (event) => {
      event.preventDefault();
      const buttons = document.querySelectorAll('button');
      say('');
      for (const button of buttons) button.disabled = true;
      try { await work(); } finally { for (const button of buttons) button.disabled = false; }
    };
    $('accept').addEventListener('click', once(accept));
    $('other').addEventListener('click', once(async () => { askWho(lead); $('email').focus(); }));
    $('sign-in').addEventListener('submit', once(async () => {
      const answer = await post(paths.login, { email: $('email').value, password: $('password').value });
      if (answer.status !== 200) { explain(answer); return; }
      csrf = answer.json.csrfToken;
      $('password').value = '';
      show(lead, 'signed-in');
      await accept();
    }));
    const session = await post(paths.refresh, {});
    if (session.status === 200) csrf = session.json.csrfToken;
    show(lead, csrf === undefined ? 'sign-in' : 'signed-in');
  };
`;

/** The parts that {@link ACCEPT_SCRIPT} shows and hides, below what the page tells of the offer. */
export function acceptForms(acceptLabel: string): string {
  return `<p id="alert" role="alert"></p>
<section id="signed-in" data-part hidden><button id="accept" type="button" data-text="accept">${acceptLabel}</button>
<p><button id="other" class="plain" type="button" data-text="other">Use another account</button></p></section>
<form id="sign-in" data-part hidden><p data-text="signIn"></p>
<label><span data-text="email"></span><input id="email" type="email" autocomplete="username" required maxlength="320"></label>
<label><span data-text="password"></span><input id="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button type="submit" data-text="signInAndAccept">Log in and accept</button>
<p class="soft" data-text="noAccount"></p></form>`;
}

/** What stands there until the script has run, and where it cannot. */
export const ACCEPT_WAIT = `<p id="wait" data-part data-text="wait">One moment …</p>
<noscript><p>This page needs JavaScript to read the link that you have opened.</p></noscript>`;
