import type * as z from 'zod/mini';

import { findEvent, type EventRecord } from '../../catalog/reads.ts';
import { findLiveTicketsOf } from '../../delivery/reads.ts';
import { findOrder, optOutUntil, type Order } from '../../orders/reads.ts';
import type { Clock, Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import type { OptionalNews } from '../../users/person-fields.ts';
import { wayOut } from '../../users/unsubscribing.ts';
import { templateOf, wordHolderMail, type HolderNews } from '../domain/holder-mail.ts';
import type { Notice } from '../domain/holder-notice.ts';
import type { TextNews } from '../domain/text-message.ts';
import type { MailContent } from '../mime.ts';
import type { noticeDue } from '../notices.ts';
import type { RecipientOf } from '../ports.ts';
import { findNotice } from '../reads.ts';
import { ownTemplateOf, templateSent } from '../templates.ts';
import { sendOnce, UNSUBSCRIBED, type MailOrder } from './send-once.ts';
import { tell, type News, type TellDeps } from './tell.ts';

/** What mails to holders need beyond sending. */
export interface NoticeMailDeps extends TellDeps {
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

/** Which way news goes to who prefers text messages; none where only a mail can say it all (ADR 64). */
const TEXTED: Readonly<Partial<Record<HolderNews, News['text']['goes']>>> = {
  // What somebody may do about a move, and what an organizer writes about a delay, stands in the mail.
  moved: 'beside',
  delay: 'beside',
  changed: 'instead',
  reminder: 'instead',
};

/**
 * Tells the buyer of one order what is new about an event, once a person: whoever has no live ticket of it (any more) is
 * told nothing. That it is cancelled is told with the refund.
 */
export async function sendNoticeMail(deps: NoticeMailDeps, event: NoticeDue): Promise<void> {
  const { orderId, eventId, cause, noticeId } = event.data;
  const order = await findOrder(deps.table, orderId);
  if (order === undefined || !PAID.includes(order.state)) return;
  if (!order.lines.some((line) => line.eventId === eventId)) return;
  const live = await findLiveTicketsOf(deps.table, order);
  if (!live.some((ticket) => ticket.eventId === eventId)) return;
  const notice = noticeId === undefined ? undefined : await findNotice(deps.table, noticeId);
  const news = event.data.news === 'notice' ? notice?.template : event.data.news;
  if (news === undefined) return;
  const { customerId: userId } = order;
  const mail: MailOrder & { readonly event: NoticeDue } = {
    about: { userId },
    event,
    recipient: () => deps.recipientOf(userId),
    cause,
    resendable: false,
    write: (recipient) => writeNotice(deps, event, { order, notice, news }, recipient),
  };
  const goes = TEXTED[news];
  if (goes === undefined) await sendOnce(deps, mail, deps.clock());
  else await tell(deps, { ...mail, text: { goes, write: (to) => textOf(deps, event, news, to) } }, deps.clock());
}

/** The event that it is about, while that is still to be told to this reader. */
async function stillNews(
  { table, clock }: NoticeMailDeps,
  { data }: NoticeDue,
  news: HolderNews,
  { mutedNews = [] }: Recipient,
): Promise<(EventRecord & { readonly startsAt: Instant }) | typeof UNSUBSCRIBED | undefined> {
  const event = await findEvent(table, data.eventId);
  if (event === undefined || event.startsAt === undefined || event.status !== 'PUBLISHED') return undefined;
  // A reminder that waited its turn for too long says nothing any more.
  if (news === 'reminder' && event.startsAt <= clock()) return undefined;
  // Asked as late as can be: whoever unsubscribes while a notice is spread over minutes gets it no more.
  const optional = OPTIONAL[news];
  if (optional !== undefined && mutedNews.includes(optional)) return UNSUBSCRIBED;
  return { ...event, startsAt: event.startsAt };
}

async function textOf(
  deps: NoticeMailDeps,
  due: NoticeDue,
  news: HolderNews,
  reader: Recipient,
): Promise<TextNews | typeof UNSUBSCRIBED | undefined> {
  const event = await stillNews(deps, due, news, reader);
  if (event === undefined || event === UNSUBSCRIBED) return event;
  if (news === 'information' || news === 'entry') return undefined;
  const { title, startsAt, timeZone } = event;
  return { news, title, startsAt, timeZone, url: `${deps.publicUrl}/orders/${due.data.orderId}` };
}

/** Nothing where an event is gone by now, or what would be told of it is no longer so. */
async function writeNotice(
  deps: NoticeMailDeps,
  due: NoticeDue,
  { order, notice, news }: { readonly order: Order; readonly notice: Notice | undefined; readonly news: HolderNews },
  reader: Recipient,
): Promise<MailContent | typeof UNSUBSCRIBED | undefined> {
  const { publicUrl, clock, linkKey } = deps;
  const { data } = due;
  const event = await stillNews(deps, due, news, reader);
  if (event === undefined || event === UNSUBSCRIBED) return event;
  const optional = OPTIONAL[news];
  const out = optional === undefined ? undefined : wayOut(publicUrl, await linkKey(), order.customerId, optional);
  const { title, startsAt, endsAt, timeZone, venue } = event;
  const template = templateOf(news);
  const ownWords = template === undefined ? undefined : await ownTemplateOf(deps.table, event.organizationId, template);
  const words = wordHolderMail(
    {
      news,
      firstName: reader.firstName,
      locale: reader.locale,
      event: { title, startsAt, endsAt, timeZone, venueName: venue?.name, city: venue?.city },
      ...(data.wasAt === undefined ? {} : { wasAt: data.wasAt }),
      ...(data.news === 'moved' ? { optOutUntil: optOutUntil(order, event, clock()) } : {}),
      ...(notice?.variables === undefined ? {} : { own: notice.variables }),
      orderUrl: `${publicUrl}/orders/${data.orderId}`,
      unsubscribePage: out?.page,
    },
    { brand: deps.brand, own: ownWords },
  );
  const sent = { ...templateSent(ownWords, reader.locale), ...words, attachments: [] };
  return { ...sent, ...(out === undefined ? {} : { unsubscribeUrl: out.oneClick }) };
}
