import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { wordNotice } from './notice.ts';
import { TEXTS } from './texts.ts';
import type { MailText } from './ticket-mail.ts';

const t = TEXTS.paymentReturned;

/** Words the mail that tells a buyer that the payment came to nothing and went back. */
export function wordReturnedMail(mail: {
  readonly orderNumber: string;
  readonly firstName: string;
  readonly total: Money;
  readonly orderUrl: string;
}): MailText {
  return wordNotice({
    language: 'en',
    subject: t.subject(mail.orderNumber),
    greeting: t.greeting(mail.firstName),
    paragraphs: [t.body(mail.orderNumber, formatMoney(mail.total))],
    link: { label: t.viewOrder, url: mail.orderUrl },
    footer: t.footer,
  });
}
