import type { TicketSheet } from '../../delivery/contract.ts';
import type { ChargeLineView } from '../../pricing/views.ts';
import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import { html, type Html } from './html.ts';
import { button, COLORS, heading, page } from './layout.ts';
import { languageOf, type Language } from './languages.ts';
import { ORDER_TEXTS, type OrderTexts } from './texts.ts';

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
}

/** A mail's words. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Codes that the mail itself shows; the PDF holds all of an order's, 60 at most. */
export const MOST_INLINE = 10;
const LONGEST_TITLE = 80;

/** The content id under which the mail's HTML shows the QR code of its ticket `index`. */
export function contentIdOf(index: number): string {
  return `ticket-${index + 1}@onsale`;
}

/** Words the mail with the tickets of an order. Every text from outside is escaped (invariant I25). */
export function wordTicketMail(mail: TicketMail): MailText {
  const language = languageOf(mail.locale);
  const { greeting, viewOrder, tickets: t } = ORDER_TEXTS[language];
  const titles = [...new Set(mail.sheets.map(({ event }) => event.title))];
  const [title = ''] = titles;
  const headline = titles.length > 1 ? t.severalEvents(titles.length) : shorten(title);
  const content = html`<p style="margin:0 0 12px">${greeting(mail.firstName)}</p>
    <p style="margin:0 0 12px">${t.intro(mail.sheets.length)} ${t.attached}</p>
    ${mail.possibleDuplicate ? html`<p style="margin:0 0 12px;color:${COLORS.grey}">${t.possibleDuplicate}</p>` : ''}
    ${heading(t.ticketsHeading)}
    ${mail.sheets
      .slice(0, MOST_INLINE)
      .map((sheet, index) => ticketBlock(sheet, index, mail.links.get(sheet.code), language))}
    ${mail.sheets.length > MOST_INLINE ? html`<p style="margin:12px 0 0">${t.moreInPdf(mail.sheets.length - MOST_INLINE)}</p>` : ''}
    <p style="margin:14px 0 0;font-size:13px;color:${COLORS.grey}">${t.keepPrivate}</p>
    ${heading(`${t.orderHeading} ${mail.orderNumber}`)} ${itemsTable(mail, t, language)}
    <div style="padding-top:26px">${button(viewOrder, mail.orderUrl)}</div>`;
  return {
    subject: t.subject(headline, mail.orderNumber),
    html: page(t.preview(mail.orderNumber), headline, content, t.footer, language),
    text: plainText(mail, headline, language),
  };
}

function ticketBlock(
  { event, ticketTypeName, seat, accessLevel, holderName, number, code }: TicketSheet,
  index: number,
  link: string | undefined,
  language: Language,
): Html {
  const details = [ticketTypeName, seat, accessLevel].filter((part) => part !== undefined).join(' · ');
  return html`<table
    role="presentation"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    style="border:1px solid ${COLORS.line};border-radius:12px;margin-bottom:12px"
  >
    <tr>
      <td style="padding:16px 18px;vertical-align:top">
        <div style="font-weight:700;font-size:16px;word-break:break-word">${event.title}</div>
        <div style="padding-top:6px">${whenText(event, language)}</div>
        <div style="color:${COLORS.grey}">${placeText(event)}</div>
        <div style="padding-top:10px;word-break:break-word">${details}</div>
        ${holderName === undefined ? '' : html`<div dir="auto" style="padding-top:10px;text-align:left;word-break:break-word">${holderName}</div>`}
        <div style="padding-top:10px;font-weight:700">${number}</div>
        <div style="font-size:11px;color:${COLORS.grey};word-break:break-all">${code}</div>
        ${link === undefined ? '' : html`<div style="padding-top:8px"><a href="${link}" style="color:${COLORS.ink}">${ORDER_TEXTS[language].tickets.onYourPhone}</a></div>`}
      </td>
      <td width="176" style="padding:12px;vertical-align:middle" align="center">
        <img src="cid:${contentIdOf(index)}" width="160" height="160" alt="QR ${number}" style="display:block" />
      </td>
    </tr>
  </table>`;
}

function itemsTable({ items, charges, total }: TicketMail, t: OrderTexts['tickets'], language: Language): Html {
  const rows = items.map(
    ({ name, eventTitle, quantity, price }) =>
      html`<tr>
        <td style="padding:8px 0;border-bottom:1px solid ${COLORS.line};word-break:break-word">
          ${quantity} × ${name}<br /><span style="font-size:13px;color:${COLORS.grey}">${eventTitle}</span>
        </td>
        <td align="right" style="padding:8px 0;border-bottom:1px solid ${COLORS.line};white-space:nowrap">
          ${formatMoney(price, language)}
        </td>
      </tr>`,
  );
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0">
    ${rows} ${charges.filter(({ included }) => !included).map((charge) => chargeRow(charge, t, language))}
    <tr>
      <td style="padding:10px 0;font-weight:700">${t.total}</td>
      <td align="right" style="padding:10px 0;font-weight:700;white-space:nowrap">${formatMoney(total, language)}</td>
    </tr>
    ${charges.filter(({ included }) => included).map((charge) => chargeRow(charge, t, language))}
  </table>`;
}

function chargeRow(charge: TicketMail['charges'][number], t: OrderTexts['tickets'], language: Language): Html {
  return html`<tr>
    <td style="padding:6px 0;font-size:13px;color:${COLORS.grey};word-break:break-word">${chargeName(charge, t)}</td>
    <td align="right" style="padding:6px 0;font-size:13px;color:${COLORS.grey};white-space:nowrap">
      ${formatMoney(charge.amount, language)}
    </td>
  </tr>`;
}

function chargeName({ name, included }: TicketMail['charges'][number], t: OrderTexts['tickets']): string {
  return included ? t.included(name) : name;
}

function holderLine({ holderName }: TicketSheet): string {
  return holderName === undefined ? '' : `\n  ${holderName}`;
}

function plainText(mail: TicketMail, headline: string, language: Language): string {
  const { greeting, viewOrder, tickets: t } = ORDER_TEXTS[language];
  const tickets = mail.sheets.map(
    (sheet) =>
      `- ${sheet.number}  ${sheet.ticketTypeName}${sheet.seat === undefined ? '' : ` · ${sheet.seat}`}${holderLine(sheet)}\n  ${sheet.event.title}\n  ${whenText(sheet.event, language)}\n  ${placeText(sheet.event)}\n  ${sheet.code}${linkLine(mail.links.get(sheet.code), t)}`,
  );
  const items = mail.items.map(
    ({ name, quantity, price }) => `- ${quantity} x ${name}: ${formatMoney(price, language)}`,
  );
  const charges = mail.charges.map((charge) => `- ${chargeName(charge, t)}: ${formatMoney(charge.amount, language)}`);
  return [
    headline,
    greeting(mail.firstName),
    `${t.intro(mail.sheets.length)} ${t.attached}`,
    ...(mail.possibleDuplicate ? [t.possibleDuplicate] : []),
    `${t.ticketsHeading}:\n\n${tickets.join('\n\n')}`,
    t.keepPrivate,
    `${t.orderHeading} ${mail.orderNumber}:\n\n${[...items, ...charges].join('\n')}\n\n${t.total}: ${formatMoney(mail.total, language)}`,
    `${viewOrder}: ${mail.orderUrl}`,
    t.footer,
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
