import type { Language } from './languages.ts';
import { button, list, page, paragraphs, signed, type House } from './layout.ts';
import { quoted, quotedText, type SaidWords } from './own-words.ts';
import type { MailText } from './ticket-mail.ts';

/** A short mail: what happened, and what to do about it. */
export interface Notice {
  readonly language: Language;
  readonly subject: string;
  readonly greeting: string;
  /** One after the other; the first is what mail programs show beside the subject. */
  readonly paragraphs: readonly string[];
  /** Set off below them, such as the posts that somebody holds. */
  readonly items?: readonly string[];
  readonly link?: { readonly label: string; readonly url: string };
  /** What else to know, below the link. */
  readonly notes?: readonly string[];
  /** What the organisation adds: above and below ours, which stay. */
  readonly own?: SaidWords | undefined;
  /** Why the reader gets it. */
  readonly footer: string;
  /** Below everything, for mails that their reader may do without. */
  readonly wayOut?: { readonly label: string; readonly url: string };
}

/** Words a short mail. Every text from outside is escaped (invariant I25). */
export function wordNotice(notice: Notice, house: House): MailText {
  const { language, subject, greeting, items = [], link, notes = [], footer, wayOut, own } = notice;
  const content = [
    paragraphs([greeting]),
    ...quoted(own, 'intro', house),
    paragraphs(notice.paragraphs),
    ...(items.length === 0 ? [] : [list(items)]),
    ...(link === undefined ? [] : [button(link.label, link.url, house)]),
    ...(notes.length === 0 ? [] : [paragraphs(notes)]),
    ...quoted(own, 'closing', house),
  ];
  const preview = notice.paragraphs[0] ?? subject;
  return {
    subject: own?.subject ?? subject,
    html: page(
      {
        preview,
        title: own?.subject ?? subject,
        content,
        footer,
        language,
        ...(wayOut === undefined ? {} : { wayOut }),
      },
      house,
    ),
    text: [
      greeting,
      ...quotedText(own, 'intro'),
      ...notice.paragraphs,
      ...(items.length === 0 ? [] : [items.map((item) => `- ${item}`).join('\n')]),
      ...(link === undefined ? [] : [`${link.label}: ${link.url}`]),
      ...notes,
      ...quotedText(own, 'closing'),
      signed(footer, house),
      ...(wayOut === undefined ? [] : [`${wayOut.label}: ${wayOut.url}`]),
    ].join('\n\n'),
  };
}
