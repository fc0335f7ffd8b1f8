import { domainToASCII } from 'node:url';
import MailComposer from 'nodemailer/lib/mail-composer';

import type { Instant } from '../shared/kernel/clock.ts';

/** A mail's content, before it becomes a message. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MailFile[];
  /** The organisation's own words that it bears. */
  readonly ownTemplate?: { readonly name: string; readonly version: number };
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

/** What words, pictures of codes and headers of a mail may come to. */
const ROOM_FOR_WORDS_BYTES = 1024 * 1024;

/**
 * As many of `wished`, in their order, as a mail that has the files `needed` may have besides and still be small enough for
 * the provider: base64 writes three bytes as four, in lines of 76.
 */
export function filesThatFit(needed: readonly MailFile[], wished: readonly MailFile[]): readonly MailFile[] {
  const bytesOf = (files: readonly MailFile[]): number => files.reduce((sum, { content }) => sum + content.length, 0);
  const most = wished.findLastIndex(
    (_file, index) =>
      ((bytesOf(needed) + bytesOf(wished.slice(0, index + 1))) * 4 * 78) / (3 * 76) + ROOM_FOR_WORDS_BYTES <=
      LARGEST_MESSAGE_BYTES,
  );
  return wished.slice(0, most + 1);
}

/** What SES takes before the `@`: it knows no internationalised mail (RFC 6531). */
const ASCII = /^[\x21-\x7e]+$/;

/**
 * `address` as mail goes to it, with its host in punycode; undefined where it may not stand in a header or SES cannot write to
 * it. The local mail server checks nothing, and SES answers late.
 */
export function usableAddress(address: string): string | undefined {
  if (address.length > 320 || !ADDRESS.test(address)) return undefined;
  const at = address.lastIndexOf('@');
  const [local, host] = [address.slice(0, at), domainToASCII(address.slice(at + 1))];
  return ASCII.test(local) && host !== '' ? `${local}@${host}` : undefined;
}

/**
 * The message as it goes out (RFC 5322, RFC 2045), with the notification's id in a header so that delivery
 * events and replies lead back to it. Line breaks in names or subjects do not survive into headers.
 *
 * @param from the sender's address, in brackets after a name or alone; the operator's name takes that place
 * @throws when it is larger than the provider takes
 */
export async function composeMessage(
  from: { readonly name: string; readonly address: string },
  to: { readonly name: string; readonly address: string },
  content: MailContent,
  notification: { readonly id: string; readonly possibleDuplicate: boolean; readonly at: Instant },
): Promise<Uint8Array> {
  const message = new MailComposer({
    from: { name: oneLine(from.name), address: bareAddress(from.address) },
    to: { name: oneLine(to.name), address: to.address },
    subject: oneLine(content.subject),
    text: content.text,
    html: content.html,
    date: new Date(notification.at),
    messageId: `<${notification.id}.${notification.at}@${bareAddress(from.address).split('@')[1] ?? 'onsale'}>`,
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

/** `a@b` of `A <a@b>`. */
function bareAddress(sender: string): string {
  return /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
}

/** RFC 8058 section 3.1. */
function unsubscribing(url: string): Readonly<Record<string, string>> {
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ').trim();
}
