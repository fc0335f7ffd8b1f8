import { html, type Html } from './html.ts';
import type { Language } from './languages.ts';
import { button, page } from './layout.ts';
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
  readonly footer: string;
  /** Below everything, for mails that their reader may do without. */
  readonly wayOut?: { readonly label: string; readonly url: string };
}

/** Words a short mail. Every text from outside is escaped (invariant I25). */
export function wordNotice(notice: Notice): MailText {
  const { language, subject, greeting, paragraphs, items = [], link, notes = [], footer, wayOut } = notice;
  const paragraph = (text: string): Html => html`<p style="margin:0 0 12px;word-break:break-word">${text}</p>`;
  const list = items.map((item) => html`<li style="padding:3px 0;word-break:break-word">${item}</li>`);
  const content = html`<p style="margin:0 0 12px">${greeting}</p>
    ${paragraphs.map(paragraph)}
    ${
      list.length === 0
        ? ''
        : html`<ul style="margin:0 0 12px;padding-left:20px">
            ${list}
          </ul>`
    }
    ${link === undefined ? '' : html`<div style="padding:10px 0 22px">${button(link.label, link.url)}</div>`}
    ${notes.map(paragraph)}
    ${
      wayOut === undefined
        ? ''
        : html`<p style="margin:18px 0 0;font-size:13px">
            <a href="${wayOut.url}" style="color:inherit">${wayOut.label}</a>
          </p>`
    }`;
  return {
    subject,
    html: page(paragraphs[0] ?? subject, subject, content, footer, language),
    text: [
      greeting,
      ...paragraphs,
      ...(items.length === 0 ? [] : [items.map((item) => `- ${item}`).join('\n')]),
      ...(link === undefined ? [] : [`${link.label}: ${link.url}`]),
      ...notes,
      footer,
      ...(wayOut === undefined ? [] : [`${wayOut.label}: ${wayOut.url}`]),
    ].join('\n\n'),
  };
}
