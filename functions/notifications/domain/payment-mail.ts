import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { languageOf } from './languages.ts';
import { wordNotice } from './notice.ts';
import { ORDER_TEXTS } from './texts.ts';
import type { MailText } from './ticket-mail.ts';

/** How a payment came to nothing: it went back, or it never went through. */
export type PaymentNews = 'paymentReturned' | 'paymentFailed';

/** Words the mail that tells a buyer that the payment came to nothing. */
export function wordPaymentMail(mail: {
  readonly news: PaymentNews;
  readonly orderNumber: string;
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  readonly total: Money;
  readonly orderUrl: string;
}): MailText {
  const language = languageOf(mail.locale);
  const { greeting, viewOrder, [mail.news]: t } = ORDER_TEXTS[language];
  return wordNotice({
    language,
    subject: t.subject(mail.orderNumber),
    greeting: greeting(mail.firstName),
    paragraphs: [t.body(mail.orderNumber, formatMoney(mail.total, language))],
    link: { label: viewOrder, url: mail.orderUrl },
    footer: t.footer,
  });
}
