import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import type { NotificationStatus, StoredNotification } from './notification.ts';

/** What notifications about orders, their tickets and events tell, by the event that they follow from or the name of their cause. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'delivery.TicketsGenerated.v1': 'tickets',
  'notifications.ResendRequested.v1': 'tickets',
  'orders.LatePaymentReturned.v1': 'paymentReturned',
  'orders.PaymentFailed.v1': 'paymentFailed',
  refund: 'refund',
  'event-cancelled': 'eventCancelled',
  'catalog.EventUpdated.v1': 'eventChanged',
  'catalog.EventRescheduled.v1': 'eventMoved',
  'notifications.NoticeRequested.v1': 'notice',
  'delivery.TicketOffered.v1': 'ticketOffered',
  'delivery.TicketReceived.v1': 'ticketReceived',
  'delivery.TicketTransferred.v1': 'ticketPassedOn',
  'delivery.TicketReissued.v1': 'ticketReissued',
};

/** A notification as people see it: what it tells and what became of it, without address or text. */
export function viewNotification(notification: StoredNotification) {
  const { notificationId, cause, status, reason, attempts, possibleDuplicate, firstAt, claimedAt } = notification;
  const event = cause.split('#')[0] ?? cause;
  return {
    id: notificationId,
    template: TEMPLATES[event] ?? event,
    ...(notification.templateVersion === undefined
      ? {}
      : { ownWords: { template: notification.template ?? '', version: notification.templateVersion } }),
    channel: notification.channel ?? ('email' as const),
    status: shownAs(status),
    ...(reason === undefined || FINE.includes(status) ? {} : { reason }),
    attempts,
    possibleDuplicate: possibleDuplicate === true,
    createdAt: toTimestamp(firstAt ?? claimedAt),
    sentAt: timeOf(notification.sentAt),
    deliveredAt: timeOf(notification.deliveredAt),
    retryAt: status === 'FAILED' || status === 'QUEUED' ? timeOf(notification.retryAt) : null,
  };
}

/** An earlier refusal is no news of a mail that has arrived. */
const FINE: readonly NotificationStatus[] = ['SENDING', 'SENT', 'DELIVERED'];

function shownAs(status: NotificationStatus): Exclude<NotificationStatus, 'SENDING'> {
  return status === 'SENDING' ? 'QUEUED' : status;
}

function timeOf(at: Instant | undefined): string | null {
  return at === undefined ? null : toTimestamp(at);
}
