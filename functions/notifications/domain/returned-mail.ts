import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { languageOf } from './languages.ts';
import { wordNotice } from './notice.ts';
import { ORDER_TEXTS } from './texts.ts';
import type { MailText } from './ticket-mail.ts';

/** Words the mail that tells a buyer that the payment came to nothing and went back. */
export function wordReturnedMail(mail: {
  readonly orderNumber: string;
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  readonly total: Money;
  readonly orderUrl: string;
}): MailText {
  const language = languageOf(mail.locale);
  const { greeting, viewOrder, paymentReturned: t } = ORDER_TEXTS[language];
  return wordNotice({
    language,
    subject: t.subject(mail.orderNumber),
    greeting: greeting(mail.firstName),
    paragraphs: [t.body(mail.orderNumber, formatMoney(mail.total))],
    link: { label: viewOrder, url: mail.orderUrl },
    footer: t.footer,
  });
}
