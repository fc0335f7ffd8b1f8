import type { Instant } from '../../shared/kernel/clock.ts';
import { describeWhen } from '../../shared/kernel/when.ts';
import { HOLDER_TEXTS } from './holder-texts.ts';
import { languageOf } from './languages.ts';
import { named } from './brand.ts';
import type { House } from './layout.ts';
import { ownWordsIn } from './own-words.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';
import { isolate } from './isolate.ts';

/** What the holders of an event's tickets are told. */
export type HolderNews = 'moved' | 'changed' | 'reminder' | 'information' | 'entry' | 'delay';

/** A mail to somebody who holds tickets of an event. */
export interface HolderMail {
  readonly news: HolderNews;
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  readonly event: {
    readonly title: string;
    readonly startsAt: Instant;
    readonly endsAt?: Instant | undefined;
    readonly timeZone: string;
    readonly venueName?: string | undefined;
    readonly city?: string | undefined;
  };
  /** When it was to start before it was moved. */
  readonly wasAt?: Instant | undefined;
  /** Until when the reader may give their tickets back in full, since the event has moved. */
  readonly optOutUntil?: Instant | undefined;
  /** The organizer's own words, as plain text; a blank line begins a paragraph. */
  readonly own?: { readonly subject?: string | undefined; readonly message: string } | undefined;
  /** Where the reader sees their tickets: in the order, or the ticket that they hold without it. */
  readonly link: { readonly to: 'order' | 'ticket'; readonly url: string };
  /** Where the reader stops mails of this kind, as far as they may do without. */
  readonly unsubscribePage?: string | undefined;
}

/** The template that organisations may add their own words to, where there is one. */
export function templateOf(news: HolderNews): 'event-moved' | 'event-changed' | 'event-reminder' | undefined {
  switch (news) {
    case 'moved':
      return 'event-moved';
    case 'changed':
      return 'event-changed';
    case 'reminder':
      return 'event-reminder';
    case 'information':
    case 'entry':
    case 'delay':
      return undefined;
  }
}

const LONGEST_TITLE = 80;

/** Words a mail to a holder. Every text from outside is escaped, and none of it is read as a template (invariant I25). */
export function wordHolderMail(mail: HolderMail, house: House): MailText {
  const { news, firstName, locale, event, wasAt, optOutUntil, own, link, unsubscribePage } = mail;
  const language = languageOf(locale);
  const t = HOLDER_TEXTS[language];
  const [subject, body] = t[news];
  const when = describeWhen(event.startsAt, event.endsAt, event.timeZone, language);
  const place = [event.venueName, event.city].filter((part) => part !== undefined).join(', ');
  const before = wasAt === undefined ? undefined : describeWhen(wasAt, undefined, event.timeZone, language);
  const until = optOutUntil === undefined ? undefined : describeWhen(optOutUntil, undefined, event.timeZone, language);
  const name = templateOf(news);
  const said =
    name === undefined
      ? undefined
      : ownWordsIn(house, name, language, {
          firstName,
          eventTitle: event.title,
          date: when.date,
          time: `${when.time} ${when.zone}`,
          place,
        });
  return wordNotice(
    {
      language,
      own: said,
      subject: own?.subject ?? subject(isolate(shorten(event.title))),
      greeting: t.greeting(isolate(firstName)),
      paragraphs: [
        body(isolate(event.title)),
        ...(until === undefined ? [] : [t.optOut(`${until.date}, ${until.time} ${until.zone}`)]),
        ...(own?.message.split(/\n\s*\n/) ?? []),
      ],
      items: [
        event.title,
        `${when.date}, ${when.time} ${when.zone}`,
        ...(before === undefined ? [] : [t.was(`${before.date}, ${before.time} ${before.zone}`)]),
        ...(place === '' ? [] : [place]),
      ],
      link: { label: link.to === 'order' ? t.viewTickets : t.viewTicket, url: link.url },
      footer: named(t.footer, house.brand),
      ...(unsubscribePage === undefined
        ? {}
        : { wayOut: { label: t.stop[news === 'reminder' ? 'reminders' : 'notices'], url: unsubscribePage } }),
    },
    house,
  );
}

function shorten(title: string): string {
  const signs = Array.from(title);
  return signs.length <= LONGEST_TITLE ? title : `${signs.slice(0, LONGEST_TITLE - 1).join('')}…`;
}
