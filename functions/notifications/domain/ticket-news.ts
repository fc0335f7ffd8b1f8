import type { Instant } from '../../shared/kernel/clock.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import { TICKET_NEWS_TEXTS } from './ticket-news-texts.ts';
import type { Language } from './languages.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';

/** What a mail about one ticket tells. */
export interface TicketNews {
  readonly language: Language;
  readonly firstName: string;
  readonly ticketNumber: string;
  readonly event: {
    readonly title: string;
    readonly startsAt: Instant;
    readonly endsAt?: Instant | undefined;
    readonly timeZone: string;
    readonly venueName?: string | undefined;
    readonly city?: string | undefined;
  };
}

const LONGEST_TITLE = 80;

/** Tells whoever has an address that a ticket is offered to them. */
export function wordOfferMail(
  news: Omit<TicketNews, 'ticketNumber' | 'firstName'>,
  offer: { readonly giver: string; readonly expiresAt: Instant; readonly url: string },
): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  const { title } = news.event;
  const date = new Intl.DateTimeFormat(news.language, { dateStyle: 'long', timeZone: news.event.timeZone });
  return wordNotice({
    language: news.language,
    subject: t.offered.subject(shorten(title)),
    greeting: t.hello(''),
    paragraphs: [t.offered.body(offer.giver, title), t.offered.until(date.format(offer.expiresAt))],
    items: detailsOf(news),
    link: { label: t.offered.link, url: offer.url },
    notes: [t.offered.unknown],
    footer: t.footer,
  });
}

/** Tells who has accepted a ticket that it is theirs; it is attached. */
export function wordReceivedMail(news: TicketNews, url: string): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice({
    ...common(news),
    subject: t.received.subject(shorten(news.event.title)),
    paragraphs: [t.received.body(news.event.title), t.received.attached],
    items: [news.ticketNumber, ...detailsOf(news)],
    link: { label: t.show, url },
  });
}

/** Tells who has passed a ticket on that it was accepted. */
export function wordPassedOnMail(news: TicketNews): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice({
    ...common(news),
    subject: t.passedOn.subject(shorten(news.event.title)),
    paragraphs: [t.passedOn.body(news.ticketNumber)],
    items: detailsOf(news),
  });
}

/** Tells a holder that a ticket has a new code; it is attached. */
export function wordReissuedMail(news: TicketNews, url: string): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice({
    ...common(news),
    subject: t.reissued.subject(shorten(news.event.title)),
    paragraphs: [t.reissued.body(news.ticketNumber)],
    items: detailsOf(news),
    link: { label: t.show, url },
    notes: [t.reissued.notYou],
  });
}

function common({ language, firstName }: TicketNews): {
  readonly language: Language;
  readonly greeting: string;
  readonly footer: string;
} {
  const { hello, footer } = TICKET_NEWS_TEXTS[language];
  return { language, greeting: hello(firstName), footer };
}

function detailsOf({ language, event }: Pick<TicketNews, 'language' | 'event'>): readonly string[] {
  const when = describeWhen(event.startsAt, event.endsAt, event.timeZone, language);
  const place = [event.venueName, event.city].filter((part) => part !== undefined).join(', ');
  return [`${when.date}, ${when.time} ${when.zone}`, ...(place === '' ? [] : [place])];
}

function shorten(text: string): string {
  const signs = Array.from(text);
  return signs.length <= LONGEST_TITLE ? text : `${signs.slice(0, LONGEST_TITLE - 1).join('')}…`;
}
