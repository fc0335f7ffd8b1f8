import { wordAccountMail } from '../../functions/notifications/domain/account-mail.ts';
import { ACCOUNT_TEXTS, type AccountMailKind } from '../../functions/notifications/domain/account-texts.ts';
import { wordHolderMail, type HolderNews } from '../../functions/notifications/domain/holder-mail.ts';
import { LANGUAGES, type Language } from '../../functions/notifications/domain/languages.ts';
import { wordCancelledMail, wordRefundMail } from '../../functions/notifications/domain/refund-mail.ts';
import { wordPaymentMail } from '../../functions/notifications/domain/payment-mail.ts';
import { wordTicketMail, type MailText } from '../../functions/notifications/domain/ticket-mail.ts';

/** A mail as it would be sent. */
export interface Sample extends MailText {
  readonly template: string;
  readonly language: Language;
}

const AT = Date.parse('2026-12-05T19:00:00Z');
const ORDER_URL = 'https://tickets.example.com/orders/01JD0000000000000000000000';
const UNSUBSCRIBE_URL = 'https://tickets.example.com/unsubscribe#token=sample';
const NEWS: readonly HolderNews[] = ['moved', 'changed', 'reminder', 'information', 'entry', 'delay'];

const isKind = (name: string): name is AccountMailKind => name in ACCOUNT_TEXTS.en.mails;
const ACCOUNT_KINDS = Object.keys(ACCOUNT_TEXTS.en.mails).filter(isKind);

/** Names and titles of every kind of trouble (catalogue 61, 62), for looking at what they do to a mail. */
const HOSTILE = {
  firstName: '<b>Ada</b> {{constructor}} 🎟️',
  title: '=HYPERLINK("https://evil.example") 夜のコンサート مساء الخير ' + 'lang '.repeat(40),
};
const USUAL = { firstName: 'Ada', title: 'Lighthouse Concert' };

/** Every mail about accounts, orders and events in every language, with usual names or hostile ones. */
export function samples(hostile: boolean): readonly Sample[] {
  const { firstName, title } = hostile ? HOSTILE : USUAL;
  const event = {
    title,
    startsAt: AT,
    endsAt: AT + 3 * 3_600_000,
    timeZone: 'Europe/Berlin',
    venueName: 'Pier 7',
    city: 'Hamburg',
  };
  const total = { amount: 9_600, currency: 'EUR' };
  const order = { orderNumber: 'ON-7K3M-Q2XD', firstName, total, orderUrl: ORDER_URL };
  const sheet = {
    event,
    ticketTypeName: 'Standing',
    orderNumber: order.orderNumber,
    number: 'ON-7K3M-Q2XD-1',
    position: 1,
    count: 1,
    code: 'tc_01JD0000000000000000000001',
    qr: 'OT1:SAMPLE',
  };
  return LANGUAGES.flatMap((language): Sample[] => {
    const as = (template: string, words: MailText): Sample => ({ template, language, ...words });
    const own = { message: 'Doors open at seven.\n\nBring a warm coat.' };
    return [
      ...ACCOUNT_KINDS.map((kind) => {
        const url = 'https://tickets.example.com/verify-email#token=sample';
        return as(kind, wordAccountMail({ kind, language, firstName, at: AT, url }));
      }),
      as(
        'tickets',
        wordTicketMail({
          ...order,
          locale: language,
          items: [{ name: 'Standing', eventTitle: title, quantity: 2, price: { amount: 9_000, currency: 'EUR' } }],
          charges: [
            { name: 'Booking fee', amount: { amount: 600, currency: 'EUR' }, included: false },
            { name: 'VAT 19 %', amount: { amount: 1_533, currency: 'EUR' }, included: true },
          ],
          sheets: [sheet],
          links: new Map([[sheet.code, 'https://tickets.example.com/t#token=sample']]),
          possibleDuplicate: false,
        }),
      ),
      ...(['paymentReturned', 'paymentFailed'] as const).map((news) =>
        as(news, wordPaymentMail({ ...order, news, locale: language })),
      ),
      as('refund', wordRefundMail({ ...order, locale: language, tickets: 2 })),
      ...(['ON_ITS_WAY', 'LOOKED_AFTER'] as const).map((money) =>
        as(
          money === 'ON_ITS_WAY' ? 'cancelled' : 'cancelled-money-looked-after',
          wordCancelledMail({ firstName, locale: language, title, money, orderUrl: ORDER_URL }),
        ),
      ),
      ...NEWS.map((news) =>
        as(
          news,
          wordHolderMail({
            news,
            firstName,
            locale: language,
            event,
            ...(news === 'moved' ? { wasAt: AT - 24 * 3_600_000, optOutUntil: AT - 48 * 3_600_000 } : {}),
            ...(['information', 'entry', 'delay'].includes(news) ? { own } : {}),
            orderUrl: ORDER_URL,
            ...(['reminder', 'information', 'entry'].includes(news) ? { unsubscribePage: UNSUBSCRIBE_URL } : {}),
          }),
        ),
      ),
    ];
  });
}
