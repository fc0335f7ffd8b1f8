import { formatMoney, type Money } from '../../shared/kernel/money.ts';
import { html } from './html.ts';
import { button, page } from './layout.ts';
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
  const subject = t.subject(mail.orderNumber);
  const body = t.body(mail.orderNumber, formatMoney(mail.total));
  const content = html`<p style="margin:0 0 12px">${t.greeting(mail.firstName)}</p>
    <p style="margin:0 0 22px">${body}</p>
    ${button(t.viewOrder, mail.orderUrl)}`;
  return {
    subject,
    html: page(body, subject, content, t.footer),
    text: [t.greeting(mail.firstName), body, `${t.viewOrder}: ${mail.orderUrl}`, t.footer].join('\n\n'),
  };
}
