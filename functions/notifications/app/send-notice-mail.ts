import type * as z from 'zod/mini';

import { findEvent, type EventRecord } from '../../catalog/reads.ts';
import type { Ticket } from '../../delivery/contract.ts';
import { findIssuedTicketsOf, findTicketsOf, isLive } from '../../delivery/reads.ts';
import { ticketLink } from '../../delivery/web-tickets.ts';
import { findOrder, optOutUntil, type Order } from '../../orders/reads.ts';
import type { Clock, Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import type { OptionalNews } from '../../users/person-fields.ts';
import { wayOut } from '../../users/unsubscribing.ts';
import { templateOf, wordHolderMail, type HolderNews } from '../domain/holder-mail.ts';
import type { Notice } from '../domain/holder-notice.ts';
import type { TextNews } from '../domain/text-message.ts';
import { calendarFile } from '../calendar-file.ts';
import { languageOf, type Language } from '../domain/languages.ts';
import type { MailContent, MailFile } from '../mime.ts';
import type { noticeDue } from '../notices.ts';
import type { RecipientOf } from '../ports.ts';
import { ORDER_TEXTS } from '../domain/texts.ts';
import { findNotice } from '../reads.ts';
import { ownTemplateOf, templateSent } from '../templates.ts';
import { sendOnce, UNSUBSCRIBED, type MailOrder } from './send-once.ts';
import { tell, type News, type TellDeps } from './tell.ts';

/** What mails to holders need beyond sending. */
export interface NoticeMailDeps extends TellDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  /** The address that mails, and calendars in them, come from. */
  readonly sender: string;
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

/** One who holds tickets of an order by now, and what is to be told to them. */
interface Holding {
  readonly order: Order;
  readonly userId: string;
  /** Theirs for the event, all of which admit. */
  readonly tickets: readonly Ticket[];
  readonly notice: Notice | undefined;
  readonly news: HolderNews;
}

/**
 * Tells whoever holds tickets of one order by now what is new about an event, once a person: its buyer, and those whom tickets
 * were passed on to (ADR 67). Whoever has no live ticket of it (any more) is told nothing. That it is cancelled is told with
 * the refund.
 */
export async function sendNoticeMail(deps: NoticeMailDeps, event: NoticeDue): Promise<void> {
  const { orderId, eventId, noticeId } = event.data;
  const order = await findOrder(deps.table, orderId);
  if (order === undefined || !PAID.includes(order.state)) return;
  if (!order.lines.some((line) => line.eventId === eventId)) return;
  const places = await findTicketsOf(deps.table, [order], 'strong');
  const live = places.filter((ticket) => ticket.eventId === eventId && isLive(ticket));
  if (live.length === 0) return;
  const notice = noticeId === undefined ? undefined : await findNotice(deps.table, noticeId);
  const news = event.data.news === 'notice' ? notice?.template : event.data.news;
  if (news === undefined) return;
  for (const [userId, tickets] of Map.groupBy(live, ({ customerId }) => customerId))
    await tellHolder(deps, event, { order, userId, tickets, notice, news });
}

async function tellHolder(deps: NoticeMailDeps, event: NoticeDue, holding: Holding): Promise<void> {
  const { userId, news } = holding;
  const mail: MailOrder & { readonly event: NoticeDue } = {
    about: { userId },
    event,
    recipient: () => deps.recipientOf(userId),
    cause: event.data.cause,
    resendable: false,
    write: (recipient) => writeNotice(deps, event, holding, recipient),
  };
  // Whoever holds a ticket without its order has no page of it, and codes go by mail alone.
  const goes = isBuyer(holding) ? TEXTED[news] : undefined;
  if (goes === undefined) await sendOnce(deps, mail, deps.clock());
  else await tell(deps, { ...mail, text: { goes, write: (to) => textOf(deps, event, news, to) } }, deps.clock());
}

function isBuyer({ order, userId }: Holding): boolean {
  return order.customerId === userId;
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
  holding: Holding,
  reader: Recipient,
): Promise<MailContent | typeof UNSUBSCRIBED | undefined> {
  const { publicUrl, clock, linkKey } = deps;
  const { data } = due;
  const { order, userId, notice, news } = holding;
  const event = await stillNews(deps, due, news, reader);
  if (event === undefined || event === UNSUBSCRIBED) return event;
  const optional = OPTIONAL[news];
  const out = optional === undefined ? undefined : wayOut(publicUrl, await linkKey(), userId, optional);
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
      // Money goes back to whoever has paid.
      ...(data.news === 'moved' && isBuyer(holding) ? { optOutUntil: optOutUntil(order, event, clock()) } : {}),
      ...(notice?.variables === undefined ? {} : { own: notice.variables }),
      link: await linkFor(deps, holding),
      unsubscribePage: out?.page,
    },
    { brand: deps.brand, own: ownWords },
  );
  const moves = news === 'moved' || news === 'changed';
  const attachments = moves ? [await entriesOf(deps, holding, languageOf(reader.locale))] : [];
  const sent = { ...templateSent(ownWords, reader.locale), ...words, attachments };
  return { ...sent, ...(out === undefined ? {} : { unsubscribeUrl: out.oneClick }) };
}

/** Where a holder sees their tickets: the page of the order, or of their ticket. */
async function linkFor(
  { publicUrl, linkKey }: NoticeMailDeps,
  holding: Holding,
): Promise<{ readonly to: 'order' | 'ticket'; readonly url: string }> {
  const [ticket] = holding.tickets;
  return isBuyer(holding) || ticket === undefined
    ? { to: 'order', url: `${publicUrl}/orders/${holding.order.orderId}` }
    : { to: 'ticket', url: ticketLink(publicUrl, await linkKey(), ticket) };
}

/** The entries of a calendar that take the place of those that came with the tickets. */
async function entriesOf(deps: NoticeMailDeps, holding: Holding, language: Language): Promise<MailFile> {
  const { order, tickets } = holding;
  const filename = ORDER_TEXTS[language].tickets.calendarName(order.number);
  if (!isBuyer(holding)) return calendarFile(deps.table, tickets, 'ticket', deps, filename);
  const issued = await findIssuedTicketsOf(deps.table, [order], 'strong');
  const ofEvent = issued.filter(({ eventId }) => eventId === tickets[0]?.eventId);
  return calendarFile(deps.table, ofEvent, 'order', deps, filename);
}
