import {
  wordBanMail,
  wordKeyMail,
  wordPostsMail,
  wordRolesMail,
  type NamedPost,
} from '../../functions/notifications/domain/access-mail.ts';
import { wordAccountMail } from '../../functions/notifications/domain/account-mail.ts';
import { ACCOUNT_TEXTS, type AccountMailKind } from '../../functions/notifications/domain/account-texts.ts';
import { wordHolderMail, type HolderNews } from '../../functions/notifications/domain/holder-mail.ts';
import { wordInvitationMail } from '../../functions/notifications/domain/invitation-mail.ts';
import { LANGUAGES, type Language } from '../../functions/notifications/domain/languages.ts';
import type { House } from '../../functions/notifications/domain/layout.ts';
import { wordPaymentMail } from '../../functions/notifications/domain/payment-mail.ts';
import { wordCancelledMail, wordRefundMail } from '../../functions/notifications/domain/refund-mail.ts';
import { wordTicketMail, type MailText } from '../../functions/notifications/domain/ticket-mail.ts';
import * as news from '../../functions/notifications/domain/ticket-news.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';

/** A mail as it would be sent. */
export interface Sample extends MailText {
  readonly template: string;
  readonly language: Language;
}

const AT = Date.parse('2026-12-05T19:00:00Z');
const SITE = 'https://tickets.example.com';
const ORDER_URL = `${SITE}/orders/01JD0000000000000000000000`;
const HOLDER_NEWS: Readonly<Record<HolderNews, string>> = {
  moved: 'event-moved',
  changed: 'event-changed',
  reminder: 'event-reminder',
  information: 'notice-information',
  entry: 'notice-entry',
  delay: 'notice-delay',
};

const isKind = (name: string): name is AccountMailKind => name in ACCOUNT_TEXTS.en.mails;
const ACCOUNT_KINDS = Object.keys(ACCOUNT_TEXTS.en.mails).filter(isKind);
const isNews = (name: string): name is HolderNews => name in HOLDER_NEWS;
const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Names and titles of every kind of trouble (catalogue 61, 62), for looking at what they do to a mail. */
const HOSTILE = {
  firstName: '<b>Ada</b> {{constructor}} [[title]] 🎟️ عادة',
  title: '=HYPERLINK("https://evil.example") 夜のコンサート مساء الخير ' + 'lang '.repeat(40),
};
const USUAL = { firstName: 'Ada', title: 'Lighthouse Concert' };

/** Every mail in every language, with usual names or hostile ones. */
export function samples(hostile: boolean, house: House): readonly Sample[] {
  const names = hostile ? HOSTILE : USUAL;
  return LANGUAGES.flatMap((language) =>
    Object.entries({
      ...ofAccounts(names, language, house),
      ...ofOrders(names, language, house),
      ...ofEvents(names, language, house),
      ...ofTeams(names, language, house),
    }).map(([template, words]) => ({ template, language, ...words })),
  );
}

type Names = typeof USUAL;
type Mails = Readonly<Record<string, MailText>>;

function ofAccounts({ firstName }: Names, language: Language, house: House): Mails {
  const url = `${SITE}/verify-email#token=sample`;
  return Object.fromEntries(
    ACCOUNT_KINDS.map((kind) => [kebab(kind), wordAccountMail({ kind, language, firstName, at: AT, url }, house)]),
  );
}

function eventOf(title: string) {
  return {
    title,
    startsAt: AT,
    endsAt: AT + 3 * HOUR,
    timeZone: 'Europe/Berlin',
    venueName: 'Pier 7',
    city: 'Hamburg',
  };
}

function ofOrders({ firstName, title }: Names, locale: Language, house: House): Mails {
  const total = { amount: 9_600, currency: 'EUR' };
  const order = { orderNumber: 'ON-7K3M-Q2XD', firstName, locale, total, orderUrl: ORDER_URL };
  const sheets = [1, 2].map((position) => ({
    event: eventOf(title),
    ticketTypeName: 'Standing',
    orderNumber: order.orderNumber,
    number: `${order.orderNumber}-${position}`,
    position,
    count: 2,
    code: `tc_01JD000000000000000000000${position}`,
    qr: `OT1:SAMPLE${position}`,
  }));
  const confirmation = {
    ...order,
    items: [{ name: 'Standing', eventTitle: title, quantity: 2, price: { amount: 9_000, currency: 'EUR' } }],
    charges: [
      { name: 'Booking fee', amount: { amount: 600, currency: 'EUR' }, included: false },
      { name: 'VAT 19 %', amount: { amount: 1_533, currency: 'EUR' }, included: true },
    ],
    sheets,
    links: new Map(sheets.map(({ code }) => [code, `${SITE}/t#token=sample`])),
    possibleDuplicate: false,
    attached: { tickets: true, receipt: true },
  };
  const cancelled = { firstName, locale, title, orderUrl: ORDER_URL };
  return {
    'order-confirmation': wordTicketMail(confirmation, house),
    'payment-failed': wordPaymentMail({ ...order, news: 'paymentFailed' }, house),
    'payment-returned': wordPaymentMail({ ...order, news: 'paymentReturned' }, house),
    refund: wordRefundMail({ ...order, tickets: 2 }, house),
    'event-cancelled': wordCancelledMail({ ...cancelled, money: 'ON_ITS_WAY' }, house),
    'event-cancelled-money-later': wordCancelledMail({ ...cancelled, money: 'LOOKED_AFTER' }, house),
  };
}

function ofEvents({ firstName, title }: Names, language: Language, house: House): Mails {
  const event = eventOf(title);
  const own = { message: 'Doors open at seven.\n\nBring a warm coat.' };
  const holders = Object.keys(HOLDER_NEWS)
    .filter(isNews)
    .map((what) => [
      HOLDER_NEWS[what],
      wordHolderMail(
        {
          news: what,
          firstName,
          locale: language,
          event,
          ...(what === 'moved' ? { wasAt: AT - DAY, optOutUntil: AT - 2 * DAY } : {}),
          ...(['information', 'entry', 'delay'].includes(what) ? { own } : {}),
          link: { to: 'order', url: ORDER_URL },
          ...(['reminder', 'information', 'entry'].includes(what)
            ? { unsubscribePage: `${SITE}/unsubscribe#token=sample` }
            : {}),
        },
        house,
      ),
    ]);
  const told = { language, firstName, ticketNumber: 'ON-7K3M-Q2XD-1', event };
  const url = `${SITE}/t#token=sample`;
  return {
    ...Object.fromEntries(holders),
    'ticket-offered': news.wordOfferMail(told, { giver: firstName, expiresAt: AT - DAY, url }, house),
    'ticket-received': news.wordReceivedMail(told, url, house),
    'ticket-passed-on': news.wordPassedOnMail(told, house),
    'ticket-reissued': news.wordReissuedMail(told, url, house),
  };
}

function ofTeams({ firstName, title }: Names, locale: Language, house: House): Mails {
  const reader = { firstName, locale };
  const organization = title === USUAL.title ? 'Harbour Lights' : title;
  const posts: readonly NamedPost[] = [
    { organization, post: 'organizer' },
    { organization, post: 'gate', eventId: 'E', event: eventOf(title), from: AT - 2 * HOUR },
  ];
  const key = { organization, name: 'Kiosk', scopes: ['reservations:write', 'orders:read'], by: firstName };
  return {
    invitation: wordInvitationMail(
      { locale, organization, sender: firstName, posts, expiresAt: AT, url: `${SITE}/invitation#token=sample` },
      house,
    ),
    'posts-changed': wordPostsMail(reader, posts, house),
    'roles-changed': wordRolesMail(reader, ['support'], house),
    banned: wordBanMail(reader, 'banned', house),
    unbanned: wordBanMail(reader, 'unbanned', house),
    'api-key-created': wordKeyMail(reader, { what: 'keyCreated', ...key }, house),
    'api-key-revoked': wordKeyMail(reader, { what: 'keyRevoked', ...key }, house),
  };
}
