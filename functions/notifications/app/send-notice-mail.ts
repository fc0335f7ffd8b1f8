import type * as z from 'zod/mini';

import { findEvent } from '../../catalog/reads.ts';
import { findLiveTicketsOf } from '../../delivery/reads.ts';
import { findOrder, optOutUntil, type Order } from '../../orders/reads.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import type { OptionalNews } from '../../users/person-fields.ts';
import { wayOut } from '../../users/unsubscribing.ts';
import { wordHolderMail, type HolderNews } from '../domain/holder-mail.ts';
import type { MailContent } from '../mime.ts';
import type { noticeDue } from '../notices.ts';
import type { RecipientOf } from '../ports.ts';
import { findNotice } from '../reads.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails to holders need beyond sending. */
export interface NoticeMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
  /** The key of links; see `users/tokens.ts`. */
  readonly linkKey: () => Promise<Uint8Array>;
}

type NoticeDue = Envelope<string, z.infer<(typeof noticeDue)['data']>>;

/**
 * What of it readers may do without (ADR 61): not that an event has moved, changed or is late, by which they would travel in
 * vain.
 */
const OPTIONAL: Readonly<Record<HolderNews, OptionalNews | undefined>> = {
  moved: undefined,
  changed: undefined,
  delay: undefined,
  reminder: 'reminders',
  information: 'notices',
  entry: 'notices',
};

/** States in which an order may have live tickets; most that are listed with an event never were paid. */
const PAID: readonly Order['state'][] = ['PAID', 'PARTIALLY_REFUNDED'];

/**
 * Tells the buyer of one order what is new about an event, once a person: whoever has no live ticket of it (any more) is
 * told nothing. That it is cancelled is told with the refund.
 */
export async function sendNoticeMail(deps: NoticeMailDeps, event: NoticeDue): Promise<void> {
  const { orderId, eventId, cause } = event.data;
  const order = await findOrder(deps.table, orderId);
  if (order === undefined || !PAID.includes(order.state)) return;
  if (!order.lines.some((line) => line.eventId === eventId)) return;
  const live = await findLiveTicketsOf(deps.table, order);
  if (!live.some((ticket) => ticket.eventId === eventId)) return;
  const { customerId: userId } = order;
  await sendOnce(
    deps,
    {
      about: { userId },
      event,
      recipient: () => deps.recipientOf(userId),
      cause,
      resendable: false,
      write: (recipient) => writeNotice(deps, event, order, recipient),
    },
    deps.clock(),
  );
}

/** Nothing where an event is gone by now, or what would be told of it is no longer so. */
async function writeNotice(
  { table, publicUrl, clock, linkKey }: NoticeMailDeps,
  { data }: NoticeDue,
  order: Order,
  { firstName, locale, mutedNews = [] }: Recipient,
): Promise<MailContent | undefined> {
  const [event, notice] = await Promise.all([
    findEvent(table, data.eventId),
    data.noticeId === undefined ? undefined : findNotice(table, data.noticeId),
  ]);
  if (event === undefined || event.startsAt === undefined) return undefined;
  if (event.status !== 'PUBLISHED') return undefined;
  if (data.news === 'notice' && notice === undefined) return undefined;
  const news = notice?.template ?? (data.news === 'notice' ? 'information' : data.news);
  const optional = OPTIONAL[news];
  // Asked as late as can be: whoever unsubscribes while a notice is spread over minutes gets it no more.
  if (optional !== undefined && mutedNews.includes(optional)) return undefined;
  const out = optional === undefined ? undefined : wayOut(publicUrl, await linkKey(), order.customerId, optional);
  const { title, startsAt, endsAt, timeZone, venue } = event;
  const words = wordHolderMail({
    news,
    firstName,
    locale,
    event: { title, startsAt, endsAt, timeZone, venueName: venue?.name, city: venue?.city },
    ...(data.wasAt === undefined ? {} : { wasAt: data.wasAt }),
    ...(data.news === 'moved' ? { optOutUntil: optOutUntil(order, event, clock()) } : {}),
    ...(notice?.variables === undefined ? {} : { own: notice.variables }),
    orderUrl: `${publicUrl}/orders/${data.orderId}`,
    unsubscribePage: out?.page,
  });
  return { ...words, attachments: [], ...(out === undefined ? {} : { unsubscribeUrl: out.oneClick }) };
}
