import { importPKCS8, SignJWT } from 'jose';

import { shortHash } from '../../shared/kernel/hash.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { localTime, type Pass } from '../domain/pass.ts';
import type { PrintLanguage } from '../holder-contract.ts';
import type { GoogleAccount } from './google-account.ts';

const SAVE_URL = 'https://pay.google.com/gp/v/save/';
/** The longest token that browsers take for sure (https://developers.google.com/wallet/tickets/events/web). */
export const LONGEST_TOKEN = 1_800;
/**
 * How many bytes of JSON each text that people have written may have, and what there is room for beyond what a pass needs:
 * tried one after the other until the token is short enough.
 */
const ROOM = [
  { mostBytes: 120, extras: true, venue: true },
  { mostBytes: 80, extras: true, venue: true },
  { mostBytes: 80, extras: false, venue: true },
  { mostBytes: 56, extras: false, venue: true },
  { mostBytes: 40, extras: false, venue: true },
  { mostBytes: 28, extras: false, venue: true },
  { mostBytes: 28, extras: false, venue: false },
] as const;
type Room = (typeof ROOM)[number];

/** For whom and when a link is made. */
export interface SaveOptions {
  /** Of the texts of the event; Google words its own labels in the language of who reads them. */
  readonly language: PrintLanguage;
  readonly now: Instant;
  /** How the operator is called. */
  readonly brand: string;
}

/**
 * The link that saves `pass` to Google Wallet: a token that holds the event and the ticket themselves, so that nothing is
 * sent to Google before its holder follows the link. Texts are cut until the token is short enough; the code never is.
 */
export async function googlePassLink(account: GoogleAccount, pass: Pass, options: SaveOptions): Promise<string> {
  const key = await importPKCS8(account.privateKey, 'RS256');
  let token = '';
  for (const room of ROOM) {
    const payload = payloadOf(account, pass, options, room);
    token = await new SignJWT({ typ: 'savetowallet', payload })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(account.clientEmail)
      .setAudience('google')
      .setIssuedAt(Math.floor(options.now / 1_000))
      .sign(key);
    if (token.length <= LONGEST_TOKEN) break;
  }
  return SAVE_URL + token;
}

/** An EventTicketClass and an EventTicketObject of Google's (https://developers.google.com/wallet/reference/rest/v1/eventticketclass). */
function payloadOf(
  { issuerId }: GoogleAccount,
  pass: Pass,
  { language, brand }: SaveOptions,
  { mostBytes, extras, venue }: Room,
): object {
  const words = (text: string): object => ({ defaultValue: { language, value: cutText(text, mostBytes) } });
  const { venueName, address, city, timeZone, seat, position } = pass;
  // Google takes a venue with both or none.
  const where = [extras ? address : undefined, city].filter(Boolean).join(', ') || address || venueName;
  const event = {
    issuerName: cutText(brand, mostBytes),
    reviewStatus: 'UNDER_REVIEW',
    eventName: words(pass.title),
    // Tickets of one event lie on one pile.
    eventId: pass.eventId,
    dateTime: {
      start: localTime(pass.startsAt, timeZone),
      ...(pass.endsAt !== undefined && extras ? { end: localTime(pass.endsAt, timeZone) } : {}),
    },
    ...(!venue || venueName === undefined || where === undefined
      ? {}
      : { venue: { name: words(venueName), address: words(where) } }),
    ...(position !== undefined && extras ? { locations: [position] } : {}),
  };
  // What Google knows of a class it keeps: a class for each state of the event, so that a moved one is not shown as it was.
  const classId = `${issuerId}.${shortHash(JSON.stringify(event))}`;
  return {
    eventTicketClasses: [{ id: classId, ...event }],
    eventTicketObjects: [
      {
        id: `${issuerId}.${pass.ticketId}-${pass.ticketVersion}`,
        classId,
        state: pass.state === 'LIVE' ? 'ACTIVE' : 'COMPLETED',
        ticketNumber: pass.number,
        ticketType: words(pass.ticketTypeName),
        ...(seat === undefined ? {} : { seatInfo: { seat: words(seat) } }),
        ...(pass.qr === undefined
          ? {}
          : { barcode: { type: 'QR_CODE', value: pass.qr, ...(extras ? { alternateText: pass.number } : {}) } }),
      },
    ],
  };
}

const ELLIPSIS = '…';

/** `text` in at most so many bytes as JSON writes it, cut between what people see as letters. */
function cutText(text: string, mostBytes: number): string {
  if (bytesOf(text) <= mostBytes) return text;
  let cut = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    if (bytesOf(cut + segment + ELLIPSIS) > mostBytes) break;
    cut += segment;
  }
  return `${cut.trimEnd()}${ELLIPSIS}`;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - '""'.length;
}
