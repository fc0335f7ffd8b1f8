import { readableOn, type Brand } from './brand.ts';
import { FRAME } from './frame.ts';
import { escapeHtml, html, Html } from './html.ts';
import type { Language } from './languages.ts';
import type { OwnTemplate, Piece } from './own-templates.ts';

/** Colours of what is written in mails; those of the frame are in `scripts/mail/frame.mjml`. */
export const COLORS = { ink: '#16213a', grey: '#5c667f', line: '#d9dde7' } as const;

/** Whose mail it is. */
export interface House {
  readonly brand: Brand;
  /** The organisation's own words, where the mail is about what one organisation puts on. */
  readonly own?: OwnTemplate | undefined;
}

/** A block of the frame with its slots filled: every text is escaped, unless it is {@link Html} itself (invariant I25). */
function fill(block: keyof typeof FRAME, slots: Readonly<Record<string, string | Html>>): Html {
  return new Html(
    // One pass: a value that looks like a slot stays what it is.
    FRAME[block].replaceAll(/\[\[(\w+)\]\]/g, (_slot, name: string) => {
      const value = slots[name];
      if (value === undefined) throw new Error(`Nothing fills ${name} of ${block}`);
      return value instanceof Html ? value.source : escapeHtml(value);
    }),
  );
}

function colorsOf({ color, accent }: Brand): Readonly<Record<string, string>> {
  return { color, accent, onColor: readableOn(color) };
}

/**
 * A whole mail: tables and inline styles, which is what mail programs agree on.
 *
 * @param preview shown by mail programs beside the subject
 * @param language that it is written in
 */
export function page(
  mail: {
    readonly preview: string;
    readonly title: string;
    readonly content: readonly Html[];
    readonly footer: string;
    readonly language: Language;
    /** Where the reader stops mails of this kind. */
    readonly wayOut?: { readonly label: string; readonly url: string };
  },
  { brand }: House,
): string {
  const { preview, title, content, footer, language, wayOut } = mail;
  const { name, logo, imprint, contact } = brand;
  return fill('page', {
    ...colorsOf(brand),
    language,
    preview,
    title,
    content: new Html(content.map(({ source }) => source).join('')),
    footer: html`${footer}${wayOut === undefined ? '' : html`<br /><a href="${wayOut.url}" style="color:${COLORS.grey}">${wayOut.label}</a>`}<br /><br />${imprint}<br />${contact}`,
    logo:
      logo === undefined
        ? ''
        : html`<tr>
            <td style="padding:0 0 10px">
              <img
                src="${logo.url}"
                width="${logo.width}"
                height="${logo.height}"
                alt="${name}"
                style="display:block"
              />
            </td>
          </tr>`,
    brand: logo === undefined ? name.toLocaleUpperCase(language) : '',
  }).source;
}

/** Paragraphs one below the other. */
export function paragraphs(texts: readonly string[]): Html {
  return fill('words', { words: joined(texts) });
}

/** The same, in small and grey letters. */
export function asides(texts: readonly string[]): Html {
  return fill('aside', { words: joined(texts) });
}

function joined(texts: readonly string[]): Html {
  return html`${texts.map((text) => html`<p style="margin:0 0 12px">${text}</p>`)}`;
}

/** Points below one another; each runs in its own direction. */
export function list(items: readonly string[]): Html {
  const points = items.map((item) => html`<li dir="auto" style="padding:3px 0;text-align:left">${item}</li>`);
  return fill('words', {
    words: html`<ul style="margin:0 0 12px;padding-left:20px">
      ${points}
    </ul>`,
  });
}

/** A link that looks like a button. */
export function button(label: string, url: string, { brand }: House): Html {
  return fill('button', { ...colorsOf(brand), label, url });
}

/** Words of somebody else, set off and below their name. A link is shown in full, so that what is read is where it leads. */
export function quote(from: string, said: readonly (readonly Piece[])[], { brand }: House): Html {
  const linesOf = (text: string): readonly Html[] =>
    text.split('\n').map((line, index) => (index === 0 ? html`${line}` : html`<br />${line}`));
  const paragraphOf = (pieces: readonly Piece[]): Html => {
    const inline = pieces.flatMap(({ text, link }) =>
      link === true
        ? [html`<a href="${text}" rel="nofollow noopener" style="color:${COLORS.ink}">${text}</a>`]
        : linesOf(text),
    );
    return html`<p style="margin:0 0 12px">${inline}</p>`;
  };
  return fill('quote', { ...colorsOf(brand), from, words: html`${said.map(paragraphOf)}` });
}

/** A heading within a mail. */
export function heading(text: string): Html {
  return fill('heading', { text });
}

/** A ticket: what it is beside its code, or above it where the screen is narrow. */
export function ticket(details: Html, code: Html): Html {
  return fill('ticket', { details, code });
}

/** Rows of a table, each a `tr`. */
export function table(rows: readonly Html[]): Html {
  return fill('table', { rows: html`${rows}` });
}

/** The end of a mail's plain text: why it came, and from whom. */
export function signed(footer: string, { brand: { name, imprint, contact } }: House): string {
  return `-- \n${name}\n${footer}\n${imprint}\n${contact}`;
}
