import * as z from 'zod/mini';

import { passNewsEnv } from '../delivery/wallet-contract.ts';
import { ticketSeedEnv } from '../delivery/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { limitsEnv } from '../shared/runtime/limits.ts';
import { route } from '../shared/runtime/route.ts';
import { linkEnv, personalDataEnv } from '../users/contract.ts';
import { templatesEvents } from './templates-contract.ts';
import { SHOWN_STATUSES } from './domain/notification.ts';

export type { Brand } from './domain/brand.ts';

/** What sending a mail takes: the function calls `ses:SendRawEmail`. */
export const senderEnv = z.object({
  /** The address that mails come from; it belongs to the verified SES identity. */
  MAIL_SENDER: z.string(),
  /** How the operator appears in mails, as JSON; see `domain/brand.ts`. */
  BRAND: z.string(),
  /** SES configuration set that publishes delivery events; empty for none. */
  MAIL_CONFIGURATION_SET: z.string(),
});

/** What the mail function is given; it consumes the mail queue and calls `ses:SendRawEmail`. */
export const sendMailEnv = z.extend(tableEnv, {
  ...ticketSeedEnv.shape,
  ...personalDataEnv.shape,
  ...linkEnv.shape,
  ...senderEnv.shape,
  ...passNewsEnv.shape,
  /** Secret parameter of the key that addresses are hashed with. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
  /** Where links in mails lead, without a slash at its end, for example `https://tickets.example.com`. */
  PUBLIC_URL: z.string(),
  /** Where notices to the holders of an event are put, mail by mail. */
  MAIL_QUEUE_URL: z.string(),
  /** Mails of notices a second, so that tickets and links of accounts are not kept waiting. */
  NOTICES_PER_SECOND: z.string(),
  /** Bucket that has the pictures of events. */
  DOCUMENTS_BUCKET: z.string(),
});

/** A tag of a mail, as SES gives it back; see `tagsOf`. */
const tag = z.array(z.string().check(z.regex(/^[\w-]{1,256}$/))).check(z.length(1));

/**
 * What the rules of `lib/contexts/notifications.ts` make of SES's events: no address, no subject (invariant I19).
 */
export const mailFeedback = z.strictObject({
  /** SES's `eventType`, or of a bounce its `bounceType`. */
  told: z.enum(['Delivery', 'Complaint', 'Reject', 'Permanent', 'Transient', 'Undetermined']),
  about: tag,
  cause: tag,
  to: tag,
  at: z.iso.datetime({ offset: true }),
});

/** Somebody wants the tickets of an order mailed once more. */
export const resendRequested = defineEvent(
  'notifications.ResendRequested.v1',
  'the buyer or support has the tickets of an order sent again',
  z.object({ resendId: z.string(), orderId: z.string() }),
);

/** What organizers may write to the holders of an event's tickets; each in the reader's language, around their own words. */
export const noticeTemplate = z.enum(['information', 'entry', 'delay']);

/** Everybody who holds tickets of an event is to be told something. */
export const noticeRequested = defineEvent(
  'notifications.NoticeRequested.v1',
  'an organizer writes to the holders of an event, or a day is left until it starts',
  z.object({ noticeId: z.string(), eventId: z.string() }),
);

export const notificationsEvents = [resendRequested, noticeRequested, ...templatesEvents] as const;

const id = z.string().check(z.regex(ULID_PATTERN));

/** A notification as the buyer and support see it: no address, no text. */
export const notificationView = z.object({
  id: z.string(),
  /** What it tells: `tickets`, `paymentReturned`, …; the event's name where it has no name of its own. */
  template: z.string(),
  /** Which own words of the organisation it bore, if any; see `/mail-templates`. */
  ownWords: z.optional(z.object({ template: z.string(), version: z.int() })),
  channel: z.enum(['email', 'sms']),
  status: z.enum(SHOWN_STATUSES),
  /** Why it did not arrive, in one word. */
  reason: z.optional(z.string()),
  attempts: z.int(),
  possibleDuplicate: z.boolean(),
  createdAt: z.iso.datetime(),
  sentAt: z.nullable(z.iso.datetime()),
  deliveredAt: z.nullable(z.iso.datetime()),
  /** When it is tried again. */
  retryAt: z.nullable(z.iso.datetime()),
});

/** The buyer, and support: of the operator, or on posts of the organisation. */
const BUYER_AND_SUPPORT = {
  who: ['customer', 'staff', 'support', 'admin'],
  posts: ['support'],
  owns: 'order',
} as const;

export const listOrderNotifications = route({
  id: 'listOrderNotifications',
  method: 'GET',
  path: '/api/orders/{orderId}/notifications',
  summary: 'What was mailed or texted about an order, and what became of it',
  access: BUYER_AND_SUPPORT,
  params: z.strictObject({ orderId: id }),
  responses: { 200: z.object({ items: z.array(notificationView), nextCursor: z.null() }) },
  problems: [],
});

export const resendTickets = route({
  id: 'resendTickets',
  method: 'POST',
  path: '/api/notifications/resend',
  summary: 'Mail the tickets of a paid order once more, three times an hour at most',
  access: { ...BUYER_AND_SUPPORT, by: 'body' },
  body: z.strictObject({ orderId: id }),
  responses: { 202: z.object({ resendId: z.string() }) },
  problems: ['TICKETS_NOT_ISSUED'],
});

const line = (most: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(most));

export const sendNotice = route({
  id: 'sendNotice',
  method: 'POST',
  path: '/api/notifications',
  summary: 'Write to everybody who holds tickets of an event, five times a day at most',
  access: { who: ['organizer', 'admin'], owns: 'event', by: 'body' },
  body: z.strictObject({
    eventId: id,
    template: noticeTemplate,
    /** Plain text; a blank line begins a paragraph. Without a subject, that of the template. */
    variables: z.strictObject({ subject: z.optional(line(120)), message: line(2_000) }),
  }),
  responses: { 202: z.object({ noticeId: z.string() }) },
  problems: ['EVENT_NOT_PUBLISHED'],
});

export const notificationsRoutes = [listOrderNotifications, resendTickets, sendNotice] as const;

/** What the routes are given. */
export const notificationsEnv = z.extend(sessionEnv, {
  /** As in `senderEnv`. */
  BRAND: z.string(),
  ...limitsEnv.shape,
  /** Secret parameter of the key that subjects of limits are hashed with. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
});
