import { wordHolderMail } from './holder-mail.ts';
import type { Language } from './languages.ts';
import type { House } from './layout.ts';
import type { TemplateName } from './own-templates.ts';
import { wordCancelledMail } from './refund-mail.ts';
import { wordTicketMail, type MailText } from './ticket-mail.ts';

/** Nobody's: what previews are written with. */
const FIRST_NAME = 'Ada';
const TITLE = 'Lighthouse Concert';
const STARTS_AT = Date.parse('2027-06-05T18:00:00Z');
const HOURS = 3_600_000;
const ORDER_URL = 'https://tickets.example.com/orders/EXAMPLE';
const EVENT = {
  title: TITLE,
  startsAt: STARTS_AT,
  endsAt: STARTS_AT + 3 * HOURS,
  timeZone: 'Europe/Berlin',
  venueName: 'Pier 7',
  city: 'Hamburg',
} as const;
const NEWS = { 'event-reminder': 'reminder', 'event-changed': 'changed', 'event-moved': 'moved' } as const;

/** A mail of this template with made-up data. */
export function exampleMail(name: TemplateName, locale: Language, house: House): MailText {
  const reader = { firstName: FIRST_NAME, locale };
  const holder = { ...reader, link: { to: 'order', url: ORDER_URL } } as const;
  switch (name) {
    case 'order-confirmation':
      return exampleConfirmation(locale, house);
    case 'event-cancelled':
      return wordCancelledMail({ ...reader, orderUrl: ORDER_URL, title: TITLE, money: 'ON_ITS_WAY' }, house);
    case 'event-moved':
      return wordHolderMail({ ...holder, news: 'moved', event: EVENT, wasAt: STARTS_AT - 24 * HOURS }, house);
    case 'event-reminder':
    case 'event-changed':
      return wordHolderMail({ ...holder, news: NEWS[name], event: EVENT }, house);
  }
}

function exampleConfirmation(locale: Language, house: House): MailText {
  const money = { amount: 4_500, currency: 'EUR' };
  const orderNumber = 'ON-EXAM-PLE0';
  return wordTicketMail(
    {
      orderNumber,
      firstName: FIRST_NAME,
      locale,
      orderUrl: ORDER_URL,
      items: [{ name: 'Standing', eventTitle: TITLE, quantity: 1, price: money }],
      charges: [],
      total: money,
      sheets: [
        {
          event: EVENT,
          ticketTypeName: 'Standing',
          orderNumber,
          number: `${orderNumber}-1`,
          position: 1,
          count: 1,
          code: 'tc_EXAMPLE',
          qr: '',
        },
      ],
      links: new Map(),
      possibleDuplicate: false,
      attached: { tickets: true, receipt: true },
    },
    house,
  );
}
