import { eventRescheduled, eventUpdated } from '../catalog/events.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';
import { sendNoticeMail, type NoticeMailDeps } from './app/send-notice-mail.ts';
import * as spreading from './app/spread-notice.ts';
import { noticeRequested } from './contract.ts';
import { noticeDue, noticePage } from './notices.ts';

/** What goes to all holders of an event: first the notice to its orders, then a mail to the buyer of each. */
export function noticeConsumers(deps: NoticeMailDeps, spread: spreading.SpreadDeps): readonly Consumer[] {
  return [
    consumerOf(eventUpdated, (event) => spreading.spreadChange(spread, event)),
    consumerOf(eventRescheduled, (event) => spreading.spreadMove(spread, event)),
    consumerOf(noticeRequested, (event) => spreading.spreadNotice(spread, event)),
    consumerOf(noticePage, (event) => spreading.spreadPage(spread, event)),
    consumerOf(noticeDue, (event) => sendNoticeMail(deps, event)),
  ];
}
