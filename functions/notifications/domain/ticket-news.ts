import type { Instant } from '../../shared/kernel/clock.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import { TICKET_NEWS_TEXTS } from './ticket-news-texts.ts';
import type { Language } from './languages.ts';
import { named } from './brand.ts';
import type { House } from './layout.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';
import { isolate } from './isolate.ts';

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
  house: House,
): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  const { title } = news.event;
  const date = new Intl.DateTimeFormat(news.language, { dateStyle: 'long', timeZone: news.event.timeZone });
  return wordNotice(
    {
      language: news.language,
      subject: t.offered.subject(isolate(shorten(title))),
      greeting: t.hello(''),
      paragraphs: [t.offered.body(isolate(offer.giver), isolate(title)), t.offered.until(date.format(offer.expiresAt))],
      items: detailsOf(news),
      link: { label: t.offered.link, url: offer.url },
      notes: [t.offered.unknown],
      footer: named(t.footer, house.brand),
    },
    house,
  );
}

/** Tells who has accepted a ticket that it is theirs; it is attached. */
export function wordReceivedMail(news: TicketNews, url: string, house: House): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice(
    {
      ...common(news, house),
      subject: t.received.subject(isolate(shorten(news.event.title))),
      paragraphs: [t.received.body(isolate(news.event.title)), t.received.attached],
      items: [news.ticketNumber, ...detailsOf(news)],
      link: { label: t.show, url },
    },
    house,
  );
}

/** Tells who has passed a ticket on that it was accepted. */
export function wordPassedOnMail(news: TicketNews, house: House): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice(
    {
      ...common(news, house),
      subject: t.passedOn.subject(isolate(shorten(news.event.title))),
      paragraphs: [t.passedOn.body(news.ticketNumber)],
      items: detailsOf(news),
    },
    house,
  );
}

/** Tells a holder that a ticket has a new code; it is attached. */
export function wordReissuedMail(news: TicketNews, url: string, house: House): MailText {
  const t = TICKET_NEWS_TEXTS[news.language];
  return wordNotice(
    {
      ...common(news, house),
      subject: t.reissued.subject(isolate(shorten(news.event.title))),
      paragraphs: [t.reissued.body(news.ticketNumber)],
      items: detailsOf(news),
      link: { label: t.show, url },
      notes: [t.reissued.notYou],
    },
    house,
  );
}

function common(
  { language, firstName }: TicketNews,
  { brand }: House,
): {
  readonly language: Language;
  readonly greeting: string;
  readonly footer: string;
} {
  const { hello, footer } = TICKET_NEWS_TEXTS[language];
  return { language, greeting: hello(isolate(firstName)), footer: named(footer, brand) };
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
