import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { languageOf } from './languages.ts';
import { named } from './brand.ts';
import type { House } from './layout.ts';
import { wordNotice } from './notice.ts';
import { ORDER_TEXTS } from './texts.ts';
import type { MailText } from './ticket-mail.ts';
import { isolate } from './isolate.ts';

/** How a payment came to nothing: it went back, or it never went through. */
export type PaymentNews = 'paymentReturned' | 'paymentFailed';

/** Words the mail that tells a buyer that the payment came to nothing. */
export function wordPaymentMail(
  mail: {
    readonly news: PaymentNews;
    readonly orderNumber: string;
    readonly firstName: string;
    /** BCP 47 language tag. */
    readonly locale: string;
    readonly total: Money;
    readonly orderUrl: string;
  },
  house: House,
): MailText {
  const language = languageOf(mail.locale);
  const { greeting, viewOrder, [mail.news]: t } = ORDER_TEXTS[language];
  return wordNotice(
    {
      language,
      subject: t.subject(mail.orderNumber),
      greeting: greeting(isolate(mail.firstName)),
      paragraphs: [t.body(mail.orderNumber, formatMoney(mail.total, language))],
      link: { label: viewOrder, url: mail.orderUrl },
      footer: named(t.footer, house.brand),
    },
    house,
  );
}
