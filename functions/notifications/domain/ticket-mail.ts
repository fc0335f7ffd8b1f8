import type { TicketSheet } from '../../delivery/contract.ts';
import type { ChargeLineView } from '../../pricing/views.ts';
import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import { html, type Html } from './html.ts';
import { asides, button, COLORS, heading, page, paragraphs, signed, table, ticket, type House } from './layout.ts';
import { named } from './brand.ts';
import { languageOf, type Language } from './languages.ts';
import { ORDER_TEXTS, type OrderTexts } from './texts.ts';
import { ownWordsIn, quoted, quotedText, type SaidWords } from './own-words.ts';
import { isolate } from './isolate.ts';

/** What the mail with the tickets of an order tells. */
export interface TicketMail {
  readonly orderNumber: string;
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  readonly items: readonly {
    readonly name: string;
    readonly eventTitle: string;
    readonly quantity: number;
    readonly price: Money;
  }[];
  /** Fees and taxes, on top of the prices or contained in them. */
  readonly charges: readonly Pick<ChargeLineView, 'name' | 'amount' | 'included'>[];
  readonly total: Money;
  readonly sheets: readonly TicketSheet[];
  /** Where each of them is shown without a log-in, by its code. */
  readonly links: ReadonlyMap<string, string>;
  readonly orderUrl: string;
  readonly possibleDuplicate: boolean;
  /** Which PDFs the mail has: all that fit, see `filesThatFit`. */
  readonly attached: { readonly tickets: boolean; readonly receipt: boolean };
}

/** A mail's words. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Codes that the mail itself shows; of the others, 60 in all at most, it has the links. */
export const MOST_INLINE = 10;
const LONGEST_TITLE = 80;

/** The content id under which the mail's HTML shows the QR code of its ticket `index`. */
export function contentIdOf(index: number): string {
  return `ticket-${index + 1}@onsale`;
}

/** Words the mail with the tickets of an order. Every text from outside is escaped (invariant I25). */
export function wordTicketMail(mail: TicketMail, house: House): MailText {
  const language = languageOf(mail.locale);
  const { greeting, viewOrder, tickets: t } = ORDER_TEXTS[language];
  const titles = [...new Set(mail.sheets.map(({ event }) => event.title))];
  const [title = ''] = titles;
  const headline = titles.length > 1 ? t.severalEvents(titles.length) : isolate(shorten(title));
  const rest = mail.sheets.slice(MOST_INLINE);
  const own = ownWordsIn(house, 'order-confirmation', language, {
    firstName: mail.firstName,
    eventTitle: titles.length > 1 ? headline : title,
    orderNumber: mail.orderNumber,
    ticketCount: String(mail.sheets.length),
  });
  const content = [
    paragraphs([greeting(isolate(mail.firstName))]),
    ...quoted(own, 'intro', house),
    paragraphs([opening(mail, t)]),
    ...(mail.possibleDuplicate ? [asides([t.possibleDuplicate])] : []),
    heading(t.ticketsHeading),
    ...mail.sheets
      .slice(0, MOST_INLINE)
      .map((sheet, index) => ticketBlock(sheet, index, mail.links.get(sheet.code), language)),
    ...(rest.length === 0
      ? []
      : [paragraphs([t.more(rest.length)]), table(rest.map((sheet) => restRow(sheet, mail, t)))]),
    asides([t.keepPrivate]),
    heading(`${t.orderHeading} ${mail.orderNumber}`),
    table(orderRows(mail, t, language)),
    button(viewOrder, mail.orderUrl, house),
    ...quoted(own, 'closing', house),
  ];
  const footer = named(t.footer, house.brand);
  return {
    subject: own?.subject ?? t.subject(headline, mail.orderNumber),
    html: page({ preview: t.preview(mail.orderNumber), title: headline, content, footer, language }, house),
    text: plainText(mail, headline, language, { house, own }),
  };
}

function opening({ sheets, attached }: TicketMail, t: OrderTexts['tickets']): string {
  const files = attached.tickets ? [t.attached, ...(attached.receipt ? [t.receiptAttached] : [])] : [t.notAttached];
  return [t.intro(sheets.length), ...files, t.showCode].join(' ');
}

function ticketBlock(
  { event, ticketTypeName, seat, accessLevel, holderName, number, code }: TicketSheet,
  index: number,
  link: string | undefined,
  language: Language,
): Html {
  const details = [ticketTypeName, seat, accessLevel].filter((part) => part !== undefined).join(' · ');
  return ticket(
    html`<div dir="auto" style="text-align:left;font-weight:700;font-size:16px">${event.title}</div>
      <div style="padding-top:6px">${whenText(event, language)}</div>
      <div dir="auto" class="quiet" style="text-align:left;color:${COLORS.grey}">${placeText(event)}</div>
      <div dir="auto" style="text-align:left;padding-top:10px">${details}</div>
      ${holderName === undefined ? '' : html`<div dir="auto" style="padding-top:10px;text-align:left">${holderName}</div>`}
      <div style="padding-top:10px;font-weight:700">${number}</div>
      <div class="quiet" style="font-size:11px;color:${COLORS.grey};word-break:break-all">${code}</div>
      ${link === undefined ? '' : html`<div style="padding-top:8px"><a href="${link}" style="color:${COLORS.ink}">${ORDER_TEXTS[language].tickets.onYourPhone}</a></div>`}`,
    html`<img
      src="cid:${contentIdOf(index)}"
      width="160"
      height="160"
      alt="QR ${number}"
      style="display:inline-block;background:#ffffff"
    />`,
  );
}

/** A ticket of which there is no room for the code: its number leads to it. */
function restRow(
  { number, ticketTypeName, seat, code }: TicketSheet,
  { links }: TicketMail,
  t: OrderTexts['tickets'],
): Html {
  const link = links.get(code);
  const what = [ticketTypeName, seat].filter((part) => part !== undefined).join(' · ');
  return html`<tr>
    <td style="padding:6px 12px 6px 0;white-space:nowrap;vertical-align:top">${number}</td>
    <td dir="auto" style="padding:6px 12px 6px 0">${what}</td>
    <td align="right" style="padding:6px 0;vertical-align:top">
      ${link === undefined ? '' : html`<a href="${link}" style="color:${COLORS.ink}">${t.onYourPhone}</a>`}
    </td>
  </tr>`;
}

function orderRows(
  { items, charges, total }: TicketMail,
  t: OrderTexts['tickets'],
  language: Language,
): readonly Html[] {
  const rows = items.map(
    ({ name, eventTitle, quantity, price }) =>
      html`<tr>
        <td style="padding:8px 0;border-bottom:1px solid ${COLORS.line}">
          ${quantity} × ${isolate(name)}<br /><span class="quiet" style="font-size:13px;color:${COLORS.grey}"
            >${isolate(eventTitle)}</span
          >
        </td>
        <td align="right" style="padding:8px 0 8px 12px;border-bottom:1px solid ${COLORS.line};white-space:nowrap">
          ${formatMoney(price, language)}
        </td>
      </tr>`,
  );
  const rowsOf = (included: boolean): readonly Html[] =>
    charges.filter((charge) => charge.included === included).map((charge) => chargeRow(charge, t, language));
  return [
    ...rows,
    ...rowsOf(false),
    html`<tr>
      <td style="padding:10px 0;font-weight:700">${t.total}</td>
      <td align="right" style="padding:10px 0 10px 12px;font-weight:700;white-space:nowrap">
        ${formatMoney(total, language)}
      </td>
    </tr>`,
    ...rowsOf(true),
  ];
}

function chargeRow(charge: TicketMail['charges'][number], t: OrderTexts['tickets'], language: Language): Html {
  return html`<tr class="quiet">
    <td style="padding:6px 0;font-size:13px;color:${COLORS.grey}">${chargeName(charge, t)}</td>
    <td align="right" style="padding:6px 0 6px 12px;font-size:13px;color:${COLORS.grey};white-space:nowrap">
      ${formatMoney(charge.amount, language)}
    </td>
  </tr>`;
}

function chargeName({ name, included }: TicketMail['charges'][number], t: OrderTexts['tickets']): string {
  return included ? t.included(isolate(name)) : isolate(name);
}

function holderLine({ holderName }: TicketSheet): string {
  return holderName === undefined ? '' : `\n  ${isolate(holderName)}`;
}

function plainText(
  mail: TicketMail,
  headline: string,
  language: Language,
  { house, own }: { readonly house: House; readonly own: SaidWords | undefined },
): string {
  const { greeting, viewOrder, tickets: t } = ORDER_TEXTS[language];
  const tickets = mail.sheets.map(
    (sheet) =>
      `- ${sheet.number}  ${isolate(sheet.ticketTypeName)}${sheet.seat === undefined ? '' : ` · ${sheet.seat}`}${holderLine(sheet)}\n  ${isolate(sheet.event.title)}\n  ${whenText(sheet.event, language)}\n  ${placeText(sheet.event)}\n  ${sheet.code}${linkLine(mail.links.get(sheet.code), t)}`,
  );
  const items = mail.items.map(
    ({ name, quantity, price }) => `- ${quantity} x ${isolate(name)}: ${formatMoney(price, language)}`,
  );
  const charges = mail.charges.map((charge) => `- ${chargeName(charge, t)}: ${formatMoney(charge.amount, language)}`);
  return [
    headline,
    greeting(isolate(mail.firstName)),
    ...quotedText(own, 'intro'),
    opening(mail, t),
    ...(mail.possibleDuplicate ? [t.possibleDuplicate] : []),
    `${t.ticketsHeading}:\n\n${tickets.join('\n\n')}`,
    t.keepPrivate,
    `${t.orderHeading} ${mail.orderNumber}:\n\n${[...items, ...charges].join('\n')}\n\n${t.total}: ${formatMoney(mail.total, language)}`,
    `${viewOrder}: ${mail.orderUrl}`,
    ...quotedText(own, 'closing'),
    signed(named(t.footer, house.brand), house),
  ].join('\n\n');
}

function linkLine(link: string | undefined, t: OrderTexts['tickets']): string {
  return link === undefined ? '' : `\n  ${t.onYourPhone}: ${link}`;
}

function whenText({ startsAt, endsAt, timeZone }: TicketSheet['event'], language: Language): string {
  const when = describeWhen(startsAt, endsAt, timeZone, language);
  return `${when.date}, ${when.time} ${when.zone}`;
}

function placeText({ venueName, city }: TicketSheet['event']): string {
  return [venueName, city].filter((part) => part !== undefined).join(', ');
}

function shorten(text: string): string {
  const signs = Array.from(text);
  return signs.length <= LONGEST_TITLE ? text : `${signs.slice(0, LONGEST_TITLE - 1).join('')}…`;
}
