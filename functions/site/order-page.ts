import { getEvent } from '../catalog/contract.ts';
import { listTickets } from '../delivery/contract.ts';
import { getTicketLink, getTicketPdf, orderCalendar } from '../delivery/holder-contract.ts';
import { getOrder } from '../orders/contract.ts';
import { login } from '../users/contract.ts';
import { refresh } from '../users/session-contract.ts';
import { ACCEPT_SCRIPT, ACCEPT_WAIT, acceptForms } from './accept-page.ts';
import type { Page } from './domain/docs-page.ts';
import { ORDER_PAGE_TEXTS } from './order-page-texts.ts';
import { PAGE_STYLE } from './page-style.ts';
import { scriptedPage } from './scripted-page.ts';

/** Where the script goes; from the contracts, so that a renamed route does not leave the page behind. */
const PATHS = {
  login: login.path,
  refresh: refresh.path,
  order: getOrder.path,
  event: getEvent.path,
  tickets: listTickets.path,
  link: getTicketLink.path,
  pdf: getTicketPdf.path,
  calendar: orderCalendar.path,
};

const STYLE = `${PAGE_STYLE}
.state{font-weight:700;margin:.25rem 0 1.25rem}
ul{list-style:none;margin:0;padding:0}
li{border-top:1px solid var(--line);padding:.75rem 0}
li p{margin:.15rem 0}
.what{font-weight:700}
h1{font-size:1.5rem;line-height:1.25}
.doing{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1.25rem}
a,.doing button{color:inherit}
.doing a,.doing button{display:inline-block;padding:.5rem 0;min-height:2.75rem}
`;

/**
 * The script of the page: whoever is signed in sees the order of the address at once, anybody else signs in first. Texts
 * become text only, never markup.
 */
const SCRIPT = `'use strict';
(() => {
  const paths = ${JSON.stringify(PATHS)};
  const texts = ${JSON.stringify(ORDER_PAGE_TEXTS)};
${ACCEPT_SCRIPT}
  const orderId = decodeURIComponent(location.pathname.split('/').pop() || '');
  const at = (path, values) => path.replace(/\\{(\\w+)\\}/g, (all, name) => encodeURIComponent(values[name]));
  const get = async (path) => {
    try {
      const answer = await fetch(path, { credentials: 'same-origin', cache: 'no-store' });
      return { status: answer.status, json: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, json: {} };
    }
  };
  const put = (parent, tag, text, className) => {
    const element = document.createElement(tag);
    element.textContent = text;
    element.dir = 'auto';
    if (className) element.className = className;
    parent.append(element);
    return element;
  };
  const doing = (parent, ...elements) => { const row = put(parent, 'p', '', 'doing'); row.append(...elements); };
  const anchor = (text, href) => { const a = document.createElement('a'); a.textContent = text; a.href = href; return a; };
  const moneyOf = (amount, currency) => {
    const format = new Intl.NumberFormat(language, { style: 'currency', currency });
    return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  const whenOf = ({ startsAt, timeZone }) => startsAt
    ? new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(new Date(startsAt)) + ' (' + timeZone + ')'
    : '';

  /** The code of a ticket stands on a page of its own, whose link is made when it is wanted. */
  const shower = (ticketId) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'plain';
    button.textContent = t.show;
    button.addEventListener('click', async () => {
      say('');
      button.disabled = true;
      const answer = await get(at(paths.link, { ticketId }));
      button.disabled = false;
      if (answer.status === 200) { const { pathname, hash } = new URL(answer.json.url); location.assign(pathname + hash); }
      else explain(answer);
    });
    return button;
  };

  const tellItems = async (items) => {
    const ids = [...new Set(items.map(({ eventId }) => eventId))];
    const found = new Map(await Promise.all(ids.map(async (eventId) => [eventId, (await get(at(paths.event, { eventId }))).json])));
    $('items').replaceChildren();
    for (const { eventId, ticketTypeId, quantity, price, currency } of items) {
      const event = found.get(eventId) || {};
      const type = (event.ticketTypes || []).find(({ id }) => id === ticketTypeId);
      const item = put($('items'), 'li', '');
      put(item, 'p', event.title || eventId, 'what');
      put(item, 'p', whenOf(event), 'soft');
      put(item, 'p', [event.venue && event.venue.name, event.venue && event.venue.city].filter(Boolean).join(', '), 'soft');
      put(item, 'p', quantity + ' × ' + (type ? type.name : t.tickets) + ' · ' + moneyOf(price, currency));
    }
  };

  const tellTickets = (tickets) => {
    $('tickets').replaceChildren();
    for (const { id, ticketNumber, holderName, seat, status } of tickets) {
      const item = put($('tickets'), 'li', '');
      put(item, 'p', [ticketNumber, seat && seat.label, holderName].filter(Boolean).join(' · '), 'what');
      put(item, 'p', t.statuses[status], 'soft');
      if (status === 'VALID') doing(item, shower(id), anchor(t.print, at(paths.pdf, { ticketId: id }) + '?language=' + language));
    }
    $('ticketsTitle').hidden = tickets.length === 0;
    $('calendar').hidden = tickets.length === 0;
  };

  const load = async () => {
    const answer = await get(at(paths.order, { orderId }));
    if (answer.status === 401) { askWho('lead'); return; }
    if (answer.status === 404 || answer.status === 400) { show('gone'); return; }
    if (answer.status !== 200) { show('signed-in'); explain(answer); return; }
    const { orderNumber, status, items, totalPrice, beingChecked } = answer.json;
    $('number').textContent = document.title = t.order.replace('{number}', orderNumber);
    $('state').textContent = beingChecked ? t.beingChecked : t.states[status];
    $('total').textContent = t.total + ': ' + moneyOf(totalPrice.amount, totalPrice.currency);
    $('ticketsTitle').textContent = t.tickets;
    $('calendar').textContent = t.calendar;
    $('calendar').href = at(paths.calendar, { orderId });
    const [, tickets] = await Promise.all([tellItems(items), get(paths.tickets + '?limit=100&orderId=' + encodeURIComponent(orderId))]);
    tellTickets(tickets.status === 200 ? tickets.json.items : []);
    show('order');
  };

  void offer('lead', load).then(() => { if (csrf !== undefined) return load(); });
})();
`;

/** The page that mails and text messages about an order lead to. */
export function makeOrderPage(): Page {
  return scriptedPage({
    title: 'Your order',
    style: STYLE,
    script: SCRIPT,
    body: `${ACCEPT_WAIT}
<p id="lead" data-part data-text="lead" hidden></p>
${acceptForms('Show the order')}
<article id="order" data-part aria-labelledby="number" hidden><h1 id="number"></h1><p id="state" class="state" role="status"></p>
<ul id="items"></ul><p id="total" class="what"></p>
<h2 id="ticketsTitle"></h2><ul id="tickets"></ul><p class="doing"><a id="calendar"></a></p></article>
<p id="gone" data-part role="status" data-text="gone" hidden></p>`,
  });
}
