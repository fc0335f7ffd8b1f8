import * as z from 'zod/mini';

import { orderView } from '../orders/contract.ts';
import { ticketView } from '../delivery/contract.ts';
import { senderEnv } from '../notifications/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { assignmentView } from '../shared/runtime/membership.ts';
import { route } from '../shared/runtime/route.ts';
import { personalDataEnv } from '../users/contract.ts';
import { profileView } from '../users/profile-contract.ts';

const id = z.string().check(z.regex(ULID_PATTERN));
const time = z.iso.datetime();

/** Who caused a change: the person, the system, or somebody else, whose id is theirs and not told. */
export const causedBy = z.enum(['person', 'system', 'other']);

/** One step of something that has a history. */
const step = { version: z.int(), event: z.string(), at: time, by: causedBy };

/** A mail that was sent, or tried: what about, and what came of it. */
const exportedMail = z.object({
  cause: z.string(),
  status: z.string(),
  attempts: z.int(),
  at: time,
  sentAt: z.nullable(time),
});

const exportedTicket = z.object({
  id,
  code: z.string(),
  eventId: id,
  ticketTypeId: id,
  ticketNumber: z.string(),
  holderName: ticketView.shape.holderName,
  status: ticketView.shape.status,
  createdAt: time,
  /** The scan that let the holder in. */
  admission: z.nullable(z.object({ at: time, gate: z.nullable(z.string()) })),
});
export type ExportedTicket = z.infer<typeof exportedTicket>;

const exportedOrder = z.object({
  ...orderView.shape,
  /** From the hold on. */
  history: z.array(z.object(step)),
  /** What was mailed about it; the mails themselves are not kept. */
  notifications: z.array(exportedMail),
  tickets: z.array(exportedTicket),
});
export type ExportedOrder = z.infer<typeof exportedOrder>;

/** Everything that is kept about a person; later parts of a long one have orders only. */
export const personExport = z.object({
  format: z.literal('onsale.person'),
  /** Grows when members change their meaning; new members do not make it grow. */
  formatVersion: z.literal(1),
  exportedAt: time,
  userId: id,
  person: z.optional(
    z.object({
      account: profileView,
      sessions: z.array(
        z.object({
          startedAt: time,
          lastSeenAt: z.nullable(time),
          endsAt: time,
          remembered: z.boolean(),
          deviceName: z.nullable(z.string()),
        }),
      ),
      /** Every change of the account, with the values that were set then. */
      history: z.array(z.object({ ...step, set: z.record(z.string(), z.unknown()), removed: z.array(z.string()) })),
      organizations: z.array(
        z.object({ id: z.string(), name: z.string(), since: z.nullable(time), posts: z.array(assignmentView) }),
      ),
      /** API keys of these organisations that the person made. */
      apiKeys: z.array(z.object({ id, organizationId: z.string(), name: z.string(), createdAt: time })),
      /** What lies in the cart, with the prices that were shown. */
      cart: z.array(
        z.object({
          ticketTypeId: id,
          eventId: id,
          name: z.string(),
          quantity: z.int(),
          unitPrice: z.int(),
          currency: z.string(),
        }),
      ),
      /** Tickets that others have passed on to the person, newest first, also those that they have passed on again. */
      receivedTickets: z.array(exportedTicket),
      /** Passes in wallets that are kept up to date, with the tokens by which Apple reaches the phones. */
      passesInPhones: z.array(z.object({ pass: z.string(), pushTokens: z.array(z.string()) })),
      /** What was mailed about the account; the mails themselves are not kept. */
      notifications: z.array(exportedMail),
    }),
  ),
  /** Newest first, with their payments, tickets and mails. */
  orders: z.array(exportedOrder),
  /** For the next part, where the orders did not fit one download. */
  nextCursor: z.nullable(z.string()),
});
export type PersonExport = z.infer<typeof personExport>;

const userParams = z.strictObject({ userId: id });

export const exportUser = route({
  id: 'exportUser',
  method: 'GET',
  path: '/api/users/{userId}/export',
  summary:
    'All that is kept about a person, as a download; encrypted (age, application/octet-stream) under X-Export-Passphrase',
  access: { who: ['customer', 'admin'], owns: 'user', recent: true },
  params: userParams,
  headers: {
    'X-Export-Passphrase':
      'Encrypts the answer as an age file (age-encryption.org/v1); 12 to 200 visible ASCII characters, once in ten seconds',
  },
  query: z.strictObject({ cursor: z.optional(z.string().check(z.maxLength(300))) }),
  responses: { 200: personExport },
  problems: ['INVALID_INPUT', 'TOO_MANY_REQUESTS'],
});

/** How far an erasure is. */
const erasureView = z.object({
  userId: id,
  /** ERASING: nobody signs in and nothing opens any more, rows are still being taken away; ERASED: nothing is left. */
  status: z.enum(['ERASING', 'ERASED']),
  deletedAt: time,
  erasedAt: z.nullable(time),
});
export type ErasureView = z.infer<typeof erasureView>;

export const eraseUser = route({
  id: 'eraseUser',
  method: 'DELETE',
  path: '/api/users/{userId}',
  summary:
    'Erase a person: at once nobody signs in and nothing can be opened. Orders and totals stay; tickets stay valid for whoever holds their code, and no mail comes any more',
  access: { who: ['customer', 'admin'], owns: 'user', recent: true },
  params: userParams,
  responses: { 202: erasureView },
  problems: ['LAST_ORGANIZER', 'LAST_ADMIN', 'TOO_MANY_MEMBERSHIPS'],
});

export const privacyRoutes = [exportUser, eraseUser] as const;

export const privacyEnv = z.extend(sessionEnv, {
  ...personalDataEnv.shape,
  ...cursorEnv.shape,
  ...senderEnv.shape,
  /** Keyed hash by which an account is found from its address. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
});

export const finishErasuresEnv = z.extend(tableEnv, {
  ...personalDataEnv.shape,
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
  /** Bucket of the register of erased persons. */
  ERASURES_BUCKET: z.string(),
  /** Bucket of printed tickets. */
  DOCUMENTS_BUCKET: z.string(),
});

/** Objects of the register of erased persons begin with this; the id follows. */
export const ERASED_PREFIX = 'erased/';

/** Ids in one invocation that repeats erasures: each takes a tenth of a second. */
export const MOST_REPEATED = 100;

const repetition = z.object({ userIds: z.array(id).check(z.maxLength(MOST_REPEATED)) });

/** Whom the job is told to erase again; undefined when its schedule starts it. @throws for ids that are none */
export function idsToRepeat(event: unknown): readonly string[] | undefined {
  return typeof event === 'object' && event !== null && 'userIds' in event
    ? z.parse(repetition, event).userIds
    : undefined;
}
