import { html, type Html } from './html.ts';
import type { Language } from './languages.ts';

/** Colours of our mails and printed tickets. */
export const COLORS = {
  ink: '#16213a',
  grey: '#66708a',
  line: '#d9dde7',
  paper: '#f4f5f9',
  accent: '#f2a33c',
  mist: '#b9c3dc',
} as const;

const FONT = "font-family:'Noto Sans',-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/**
 * The frame of every mail: tables and inline styles, which is what mail programs agree on.
 *
 * @param preview shown by mail programs beside the subject
 * @param language that it is written in
 */
export function page(preview: string, title: string, content: Html, footer: string, language: Language = 'en'): string {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>${title}</title>
      </head>
      <body style="margin:0;padding:0;background:${COLORS.paper};${FONT};color:${COLORS.ink}">
        <div style="display:none;max-height:0;overflow:hidden">${preview}</div>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:${COLORS.paper}">
          <tr>
            <td align="center" style="padding:24px 12px">
              <table
                role="presentation"
                width="600"
                cellpadding="0"
                cellspacing="0"
                style="width:100%;max-width:600px;background:#ffffff;border-radius:16px;overflow:hidden"
              >
                <tr>
                  <td style="background:${COLORS.ink};border-left:7px solid ${COLORS.accent};padding:26px 32px">
                    <div style="font-size:12px;letter-spacing:2px;font-weight:700;color:${COLORS.accent}">ONSALE</div>
                    <div
                      style="font-size:24px;line-height:1.3;font-weight:700;color:#ffffff;padding-top:8px;word-break:break-word"
                    >
                      ${title}
                    </div>
                  </td>
                </tr>
                <tr>
                  <td style="padding:28px 32px;font-size:15px;line-height:1.55">${content}</td>
                </tr>
              </table>
              <div style="padding:18px 12px;font-size:12px;color:${COLORS.grey}">${footer}</div>
            </td>
          </tr>
        </table>
      </body>
    </html>`.source;
}

/** A link that looks like a button. */
export function button(label: string, url: string): Html {
  return html`<a
    href="${url}"
    style="display:inline-block;background:${COLORS.ink};color:#ffffff;text-decoration:none;font-weight:700;padding:12px 22px;border-radius:10px"
    >${label}</a
  >`;
}

/** A heading within a mail. */
export function heading(text: string): Html {
  return html`<div
    style="font-size:12px;letter-spacing:1.5px;font-weight:700;color:${COLORS.grey};text-transform:uppercase;padding:26px 0 10px"
  >
    ${text}
  </div>`;
}
