import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { languageOf } from './languages.ts';
import { named } from './brand.ts';
import type { House } from './layout.ts';
import { ownWordsIn } from './own-words.ts';
import { wordNotice } from './notice.ts';
import { HOLDER_TEXTS } from './holder-texts.ts';
import { REFUND_TEXTS } from './refund-texts.ts';
import type { MailText } from './ticket-mail.ts';
import { isolate } from './isolate.ts';

interface Addressed {
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
}

/** Words the mail that tells a buyer of a refund: how much goes back, and how many tickets for it. */
export function wordRefundMail(
  mail: Addressed & {
    readonly orderUrl: string;
    readonly orderNumber: string;
    readonly total: Money;
    readonly tickets: number;
  },
  house: House,
): MailText {
  const language = languageOf(mail.locale);
  const t = REFUND_TEXTS[language];
  const { orderNumber, total, tickets } = mail;
  return wordNotice(
    {
      language,
      subject: t.refund.subject(orderNumber),
      greeting: t.greeting(isolate(mail.firstName)),
      paragraphs: [
        total.amount === 0 ? t.refund.noMoney(orderNumber) : t.refund.money(orderNumber, formatMoney(total, language)),
        ...(tickets === 0 ? [] : [t.refund.tickets(tickets)]),
      ],
      link: { label: t.viewOrder, url: mail.orderUrl },
      footer: named(t.footer, house.brand),
    },
    house,
  );
}

/** What becomes of the money of somebody whose event was cancelled. */
export type CancelledMoney = 'ON_ITS_WAY' | 'LOOKED_AFTER' | 'NONE';

/**
 * Words the mail that tells a holder that an event does not take place; one however many orders they have for it.
 *
 * @param mail without `orderUrl` for who holds a ticket that somebody else has paid for
 */
export function wordCancelledMail(
  mail: Addressed & { readonly title: string; readonly money: CancelledMoney; readonly orderUrl: string | undefined },
  house: House,
): MailText {
  const language = languageOf(mail.locale);
  const t = REFUND_TEXTS[language];
  const ofMoney = { ON_ITS_WAY: [t.cancelled.money], LOOKED_AFTER: [t.cancelled.moneyLater], NONE: [] };
  return wordNotice(
    {
      language,
      own: ownWordsIn(house, 'event-cancelled', language, { firstName: mail.firstName, eventTitle: mail.title }),
      subject: t.cancelled.subject(isolate(mail.title)),
      greeting: t.greeting(isolate(mail.firstName)),
      paragraphs: [t.cancelled.body(isolate(mail.title)), ...ofMoney[mail.money]],
      ...(mail.orderUrl === undefined ? {} : { link: { label: t.viewOrder, url: mail.orderUrl } }),
      footer: named(mail.orderUrl === undefined ? HOLDER_TEXTS[language].footer : t.footer, house.brand),
    },
    house,
  );
}
