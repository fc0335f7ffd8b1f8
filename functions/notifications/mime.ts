import MailComposer from 'nodemailer/lib/mail-composer';

import type { Instant } from '../shared/kernel/clock.ts';

/** A mail's content, before it becomes a message. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MailFile[];
  /** Where mail programs post that its reader wants no more of its kind (RFC 8058); a mail without one must be read. */
  readonly unsubscribeUrl?: string;
}

/** A file in a mail; with `cid`, one that its HTML shows. */
export interface MailFile {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly cid?: string;
}

/** SES takes 10 MB a message by default; base64 makes a third more of files. */
const LARGEST_MESSAGE_BYTES = 10 * 1024 * 1024;
/** One plain address: no list, no comment, nothing that could end a header. */
const ADDRESS = /^[^\s@<>()[\],;:\\"\p{Cc}]+@[^\s@<>()[\],;:\\"\p{Cc}]+$/u;

/** Whether `address` may stand in a header; the local mail server checks nothing, and SES answers late. */
export function isUsableAddress(address: string): boolean {
  return address.length <= 320 && ADDRESS.test(address);
}

/**
 * The message as it goes out (RFC 5322, RFC 2045), with the notification's id in a header so that delivery
 * events and replies lead back to it. Line breaks in names or subjects do not survive into headers.
 *
 * @throws when it is larger than the provider takes
 */
export async function composeMessage(
  from: string,
  to: { readonly name: string; readonly address: string },
  content: MailContent,
  notification: { readonly id: string; readonly possibleDuplicate: boolean; readonly at: Instant },
): Promise<Uint8Array> {
  const message = new MailComposer({
    from: { name: 'Onsale', address: from },
    to: { name: oneLine(to.name), address: to.address },
    subject: oneLine(content.subject),
    text: content.text,
    html: content.html,
    date: new Date(notification.at),
    messageId: `<${notification.id}.${notification.at}@${/@([^@<>\s]+)>?$/.exec(from)?.[1] ?? 'onsale'}>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Onsale-Notification': notification.id,
      ...(content.unsubscribeUrl === undefined ? {} : unsubscribing(content.unsubscribeUrl)),
      ...(notification.possibleDuplicate ? { 'X-Onsale-Possible-Duplicate': 'yes' } : {}),
    },
    attachments: content.attachments.map(({ filename, contentType, content: bytes, cid }) => ({
      filename,
      contentType,
      content: Buffer.from(bytes),
      ...(cid === undefined ? {} : { cid, contentDisposition: 'inline' as const }),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const raw = await message.compile().build();
  if (raw.length > LARGEST_MESSAGE_BYTES) throw new Error(`A mail of ${raw.length} bytes is larger than SES takes`);
  return raw;
}

/** RFC 8058 section 3.1. */
function unsubscribing(url: string): Readonly<Record<string, string>> {
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ').trim();
}
