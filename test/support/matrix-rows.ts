import { createHmac } from 'node:crypto';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { inject } from 'vitest';

import type { ProblemCode } from '../../functions/shared/kernel/problems.ts';
import { notFoundOf, policyOf, type Route } from '../../functions/shared/runtime/route.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { caseIdOf, findCase } from '../../functions/support/reads.ts';
import { openCase } from '../../functions/support/writes.ts';
import { secretName } from '../../lib/secrets.ts';
import { getJson } from './json.ts';
import { PASSWORD, type MatrixPeople } from './matrix-people.ts';
import { CATALOG_ROWS } from './matrix-rows-catalog.ts';
import { PERSON_ROWS } from './matrix-rows-persons.ts';
import { VENUE_ROWS } from './matrix-rows-venues.ts';
import type { Expectation, PersonName } from './matrix-rule.ts';
import {
  confirm,
  loseWebhooks,
  order,
  payByCard,
  settled,
  systemTable,
  type Person,
  type PlacedOrder,
} from './shop.ts';

/** What all rows are about: the owner's things at an event of the organisation. */
export interface MatrixWorld extends MatrixPeople {
  readonly organizationId: string;
  readonly owner: Person;
  readonly organizer: Person;
  readonly eventId: string;
  readonly ticketTypeId: string;
  /** A paid order of the owner with its ticket. */
  readonly paid: PlacedOrder;
  readonly ticket: { readonly id: string; readonly code: string; readonly qr: string; readonly ticketNumber: string };
}

/** A request of the matrix. */
export interface Asked {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One row of the matrix: a request that its rightful caller is granted. */
export interface MatrixRow {
  /** Makes what the request is about and says how it is asked for. */
  request(world: MatrixWorld): Asked | Promise<Asked>;
  /** What a thing out of scope answers as, if the policy names a kind; absent where it is about nothing that somebody has. */
  readonly hidden?: Expectation;
  /** Granted only once for one thing, so each grant needs a new one. */
  readonly once?: true;
  /** It ends the owner's account, so each grant needs another owner; goes with `once`. */
  readonly endsOwner?: true;
  /** It ends all sessions of whoever asks, so each grant needs somebody else of that kind. */
  readonly endsSessions?: true;
  /** Members that the granted answer must have, where a success may also be a refusal. */
  readonly granted?: Readonly<Record<string, unknown>>;
  /** A problem that only who may call can get to: it is about the caller's own state, which the row does not set up. */
  readonly reached?: ProblemCode;
  /** Who is answered with a verdict that refuses, instead of a problem, and its members. */
  readonly refusal?: {
    readonly to: readonly PersonName[];
    readonly body: Readonly<Record<string, unknown>>;
    /** Members that it must not have. */
    readonly without: readonly string[];
  };
  /** Who may not reach the thing meets another refusal than its absence. */
  readonly verdictInstead?: true;
  /** The headers that make the request Stripe's own. */
  readonly sign?: (asked: Asked) => Promise<Asked>;
  /** The answer to whoever sends it holds the owner's data, for it bears the owner's password. */
  readonly bearsPassword?: true;
}

async function hold({ owner, ticketTypeId }: MatrixWorld): Promise<string> {
  const held = await owner.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 1 }] });
  if (held.status !== 201) throw new Error(`Holding: ${held.text}`);
  return held.json.reservationId;
}

/** A ticket of the owner, paid for. */
export async function buyTicket(
  world: Pick<MatrixWorld, 'owner' | 'ticketTypeId'>,
): Promise<Pick<MatrixWorld, 'paid' | 'ticket'>> {
  const paid = await order(world.owner, world.ticketTypeId);
  await payByCard(paid);
  // A busy machine may answer that the payment is still under way; asking again takes part in the same purchase.
  let confirmed = await confirm(world.owner, paid);
  for (let again = 0; confirmed.status === 202 && again < 5; again += 1) {
    await settled();
    confirmed = await confirm(world.owner, paid);
  }
  if (confirmed.status !== 200) throw new Error(`Confirming: ${confirmed.text}`);
  await settled();
  const { json } = await world.owner.call('GET', `/api/tickets?orderId=${paid.orderId}`);
  return { paid, ticket: json.items[0] };
}

function userIdOf(members: MatrixWorld['members'], name: PersonName): string {
  const member = members.get(name);
  if (member === undefined) throw new Error(`${name} has no account`);
  return member.userId;
}

/** Somebody's user id, once they are a member of the organisation. */
async function joined({ organizer, organizationId, members }: MatrixWorld, name: PersonName): Promise<string> {
  const userId = userIdOf(members, name);
  const body = { userId, posts: [{ post: 'gate' }] };
  const added = await organizer.call('POST', `/api/organizations/${organizationId}/members`, body);
  if (added.status !== 201) throw new Error(`Adding a member: ${added.text}`);
  return userId;
}

/** A case about an order, as a failed refund opens one. */
async function caseOf(orderId: string): Promise<string> {
  const table = systemTable();
  const caseId = caseIdOf('PAYMENT_DIFFERS', orderId);
  const occasion = { now: Date.now(), correlationId: 'matrix', by: 'system' };
  const found = await findCase(table, caseId);
  const opened = openCase('PAYMENT_DIFFERS', orderId, { orderId }, found, occasion, () => 'OPENED' as const);
  // Of two at once one opens it, which is all that is wanted.
  await commit(table, opened);
  return caseId;
}

/** The row of `route`: written by hand, or made from its policy where it only reads what the matrix has. */
export function rowOf(route: Route): MatrixRow | undefined {
  const written = MATRIX[route.id];
  const owns = policyOf(route)?.owns;
  const hidden = owns === undefined ? {} : { hidden: notFoundOf(owns) };
  if (written !== undefined) return written;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const readsOnly = route.method === 'GET' && (route.query === undefined || z.safeParse(route.query, {}).success);
  if (!readsOnly || !names.every((name) => name in IDS)) return undefined;
  return {
    ...hidden,
    request: (world) => ({
      path: route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => IDS[name]?.(world) ?? ''),
    }),
  };
}

/** Ids that the matrix has, by the names that paths give them. */
const IDS: Readonly<Record<string, (world: MatrixWorld) => string>> = {
  organizationId: ({ organizationId }) => organizationId,
  eventId: ({ eventId }) => eventId,
  ticketTypeId: ({ ticketTypeId }) => ticketTypeId,
  orderId: ({ paid }) => paid.orderId,
  ticketId: ({ ticket }) => ticket.id,
  code: ({ ticket }) => ticket.code,
  userId: ({ owner }) => owner.userId,
};

/** The request of each route that needs one written by hand, by the route's id. */
export const MATRIX: Readonly<Record<string, MatrixRow>> = {
  login: {
    bearsPassword: true,
    request: ({ members }) => ({
      path: '/api/auth/login',
      body: { email: members.get('owner')?.email, password: PASSWORD },
    }),
  },
  logout: { request: () => ({ path: '/api/auth/logout', body: {} }) },
  createOrganization: { request: () => ({ path: '/api/organizations', body: { name: 'Matrix New' } }) },
  renameOrganization: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}`, body: { name: 'Matrix again' } }),
  },
  listMailTemplates: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/mail-templates` }),
  },
  getMailTemplate: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/mail-templates/event-reminder` }),
  },
  saveMailTemplate: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({
      path: `/api/organizations/${organizationId}/mail-templates/event-reminder`,
      body: { texts: { en: { intro: 'Doors open at seven.' } } },
      headers: { 'if-match': '*' },
    }),
  },
  activateMailTemplate: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({
      path: `/api/organizations/${organizationId}/mail-templates/event-reminder/active`,
      body: { version: null },
      headers: { 'if-match': '*' },
    }),
  },
  previewMailTemplate: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({
      path: `/api/organizations/${organizationId}/mail-templates/event-reminder/preview`,
      body: { language: 'en', texts: { en: { intro: 'Doors open at seven.' } } },
    }),
  },
  addMember: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId, members }) => ({
      path: `/api/organizations/${organizationId}/members`,
      body: { userId: userIdOf(members, 'another customer'), posts: [{ post: 'gate' }] },
    }),
  },
  setMember: {
    hidden: 'MEMBER_NOT_FOUND',
    request: async (world) => ({
      path: `/api/organizations/${world.organizationId}/members/${await joined(world, 'another customer')}`,
      body: { posts: [{ post: 'box-office' }] },
    }),
  },
  removeMember: {
    hidden: 'MEMBER_NOT_FOUND',
    once: true,
    // Everybody may leave: the thing's owner is the member.
    request: async (world) => ({
      path: `/api/organizations/${world.organizationId}/members/${await joined(world, 'owner')}`,
    }),
  },
  createInvitation: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    // An address is invited once.
    once: true,
    request: ({ organizationId }) => ({
      path: `/api/organizations/${organizationId}/invitations`,
      body: { email: `colleague-${ulid().toLowerCase()}@matrix.example`, posts: [{ post: 'gate' }] },
    }),
  },
  revokeInvitation: {
    hidden: 'INVITATION_NOT_FOUND',
    once: true,
    request: async ({ organizer, organizationId }) => {
      const body = { email: `colleague-${ulid().toLowerCase()}@matrix.example`, posts: [{ post: 'gate' }] };
      const made = await organizer.call('POST', `/api/organizations/${organizationId}/invitations`, body);
      if (made.status !== 201) throw new Error(`Inviting: ${made.text}`);
      return { path: `/api/organizations/${organizationId}/invitations/${made.json.id}` };
    },
  },
  showInvitation: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/invitations/show', body: { token: 'A'.repeat(64) } }),
  },
  acceptInvitation: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/invitations/accept', body: { token: 'A'.repeat(64) } }),
  },
  setRoles: {
    request: ({ members }) => ({
      path: `/api/users/${userIdOf(members, 'another customer')}/roles`,
      body: { roles: ['customer'] },
    }),
  },
  banUser: {
    request: ({ members }) => ({ path: `/api/users/${userIdOf(members, 'another customer')}/ban`, body: {} }),
  },
  unbanUser: {
    request: ({ members }) => ({ path: `/api/users/${userIdOf(members, 'another customer')}/unban`, body: {} }),
  },
  createApiKey: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    once: true,
    request: ({ organizationId }) => ({
      path: '/api/api-keys',
      body: { organizationId, name: ulid(), scopes: ['orders:read'] },
    }),
  },
  revokeApiKey: {
    hidden: 'API_KEY_NOT_FOUND',
    once: true,
    request: async ({ organizer, organizationId }) => {
      const body = { organizationId, name: ulid(), scopes: ['orders:read'] };
      const made = await organizer.call('POST', '/api/api-keys', body);
      if (made.status !== 201) throw new Error(`Making a key: ${made.text}`);
      return { path: `/api/api-keys/${made.json.id}` };
    },
  },
  placeHold: {
    request: ({ ticketTypeId }) => ({ path: '/api/reservations', body: { items: [{ ticketTypeId, quantity: 1 }] } }),
  },
  validateAvailability: {
    request: ({ ticketTypeId }) => ({
      path: '/api/tickets/validate-availability',
      body: { ticketTypeId, quantity: 1 },
    }),
  },
  purchaseTickets: {
    request: ({ ticketTypeId }) => ({
      path: '/api/tickets/purchase',
      body: { items: [{ ticketTypeId, quantity: 1 }] },
    }),
  },
  beginGuest: { request: () => ({ path: '/api/auth/guest', body: {} }) },
  addToCart: {
    request: ({ ticketTypeId }) => ({ path: '/api/carts/add', body: { ticketTypeId, quantity: 1 } }),
  },
  changeCart: {
    request: ({ ticketTypeId }) => ({ path: '/api/carts/change', body: { ticketTypeId, quantity: 2 } }),
  },
  removeFromCart: {
    request: ({ ticketTypeId }) => ({ path: '/api/carts/remove', body: { ticketTypeId } }),
  },
  clearCart: { request: () => ({ path: '/api/carts' }) },
  takeOverGuest: { request: () => ({ path: '/api/carts/take-over', body: {} }) },
  getReservation: {
    hidden: 'RESERVATION_NOT_FOUND',
    request: async (world) => ({ path: `/api/reservations/${await hold(world)}` }),
  },
  releaseHold: {
    hidden: 'RESERVATION_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/reservations/${await hold(world)}` }),
  },
  createOrder: {
    hidden: 'RESERVATION_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: '/api/orders', body: { reservationId: await hold(world) } }),
  },
  listOrders: { hidden: 'USER_NOT_FOUND', request: ({ owner }) => ({ path: `/api/orders?userId=${owner.userId}` }) },
  showTicket: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/tickets/show', body: { token: 'A'.repeat(64) } }),
  },
  showWallets: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/tickets/show/wallets', body: { token: 'A'.repeat(64) } }),
  },
  registerPass: {
    reached: 'NOT_SIGNED_IN',
    request: ({ ticket }) => ({
      path: `/api/wallet/v1/devices/d/registrations/pass.x/${ticket.id}.1`,
      body: { pushToken: 'aa' },
    }),
  },
  unregisterPass: {
    reached: 'NOT_SIGNED_IN',
    request: ({ ticket }) => ({ path: `/api/wallet/v1/devices/d/registrations/pass.x/${ticket.id}.1` }),
  },
  listChangedPasses: { request: () => ({ path: '/api/wallet/v1/devices/d/registrations/pass.x' }) },
  getLatestPass: {
    reached: 'NOT_SIGNED_IN',
    request: ({ ticket }) => ({ path: `/api/wallet/v1/passes/pass.x/${ticket.id}.1` }),
  },
  offerTicket: {
    hidden: 'TICKET_NOT_FOUND',
    // A ticket is offered to one at a time.
    once: true,
    request: async (world) => ({
      path: `/api/tickets/${(await buyTicket(world)).ticket.id}/transfer`,
      body: { email: `friend-${ulid().toLowerCase()}@matrix.example` },
    }),
  },
  cancelOffer: {
    hidden: 'TICKET_NOT_FOUND',
    request: ({ ticket }) => ({ path: `/api/tickets/${ticket.id}/transfer/cancel`, body: {} }),
  },
  acceptTicket: {
    hidden: 'TOKEN_INVALID_OR_EXPIRED',
    verdictInstead: true,
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: ({ ticket }) => ({ path: `/api/tickets/${ticket.id}/transfer/accept`, body: { token: 'A'.repeat(64) } }),
  },
  nameHolder: {
    hidden: 'TICKET_NOT_FOUND',
    request: ({ ticket }) => ({ path: `/api/tickets/${ticket.id}`, body: { holderName: 'Ada Lovelace' } }),
  },
  reissueTicket: {
    hidden: 'TICKET_NOT_FOUND',
    // A ticket gets no code anew for ever, and the matrix asks more often than that.
    once: true,
    request: async (world) => ({ path: `/api/tickets/${(await buyTicket(world)).ticket.id}/reissue`, body: {} }),
  },
  sendNotice: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId }) => ({
      path: '/api/notifications',
      body: { eventId, template: 'information', variables: { message: 'Doors open an hour earlier.' } },
    }),
  },
  resendTickets: {
    hidden: 'ORDER_NOT_FOUND',
    // Three an hour for one order, and the matrix asks more often than that.
    once: true,
    request: async (world) => ({
      path: '/api/notifications/resend',
      body: { orderId: (await buyTicket(world)).paid.orderId },
    }),
  },
  cancelOrder: {
    hidden: 'ORDER_NOT_FOUND',
    once: true,
    request: async ({ owner, ticketTypeId }) => ({
      path: `/api/orders/${(await order(owner, ticketTypeId)).orderId}/cancel`,
      body: {},
    }),
  },
  refundOrder: {
    hidden: 'ORDER_NOT_FOUND',
    // A unit of one paid order each time: it stays paid, with its tickets.
    request: ({ paid }) => ({
      path: `/api/orders/${paid.orderId}/refunds`,
      body: { amount: 1, reason: 'Matrix' },
      headers: { 'idempotency-key': 'matrix' },
    }),
  },
  closeCase: {
    hidden: 'CASE_NOT_FOUND',
    request: async ({ paid }) => ({
      path: `/api/support/cases/${await caseOf(paid.orderId)}`,
      body: { status: 'CLOSED', resolution: 'NOTHING_TO_DO' },
    }),
  },
  confirmPayment: {
    hidden: 'ORDER_NOT_FOUND',
    once: true,
    request: async ({ owner, ticketTypeId }) => {
      const placed = await order(owner, ticketTypeId);
      await loseWebhooks(placed);
      await payByCard(placed);
      const { orderId, paymentIntentId } = placed;
      return { path: '/api/payments/confirm', body: { orderId, paymentIntentId } };
    },
  },
  stripeWebhook: {
    request: ({ paid: { orderId, paymentIntentId } }) => ({
      path: '/api/payments/webhook',
      body: {
        id: `evt_${ulid()}`,
        type: 'payment_intent.succeeded',
        data: { object: { id: paymentIntentId, metadata: { orderId } } },
      },
    }),
    sign: async ({ path, body }) => {
      const name = encodeURIComponent(secretName('local', 'webhookSecret'));
      const { controlUrl, environment } = inject('system');
      const secret = await getJson<{ readonly Parameter: { readonly Value: string } }>(
        `${controlUrl}/systemsmanager/parameters/get?name=${name}&withDecryption=true`,
        { headers: { 'x-aws-parameters-secrets-token': environment['AWS_SESSION_TOKEN'] ?? '' } },
      );
      const time = Math.floor(Date.now() / 1_000);
      const digest = createHmac('sha256', secret.Parameter.Value).update(`${time}.${JSON.stringify(body)}`);
      return { path, body, headers: { 'stripe-signature': `t=${time},v1=${digest.digest('hex')}` } };
    },
  },
  queuePrints: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId, ticket }) => ({
      path: `/api/events/${eventId}/print-jobs`,
      body: { ticketIds: [ticket.id], reprint: 'OTHER' },
    }),
  },
  claimPrints: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId }) => ({ path: `/api/events/${eventId}/print-jobs/claim`, body: { station: 'Window 1' } }),
  },
  settlePrint: {
    hidden: 'PRINT_JOB_NOT_FOUND',
    reached: 'PRINT_LEASE_LOST',
    request: async ({ organizer, eventId, ticket }) => {
      const path = `/api/events/${eventId}/print-jobs`;
      const { json } = await organizer.call('POST', path, { ticketIds: [ticket.id], reprint: 'OTHER' });
      return { path: `${path}/${json.items[0].id}/result`, body: { leaseId: ulid(), outcome: 'PRINTED' } };
    },
  },
  listTickets: { hidden: 'ORDER_NOT_FOUND', request: ({ paid }) => ({ path: `/api/tickets?orderId=${paid.orderId}` }) },
  validateTicket: {
    hidden: 'NOT_ALLOWED',
    verdictInstead: true,
    once: true,
    // A scan always has a verdict: a stranger's ticket is no ticket for this gate, and nothing of it is told.
    refusal: {
      to: ['gate staff of another organisation', 'gate staff of another event'],
      body: { result: 'REFUSE', reason: 'WRONG_EVENT' },
      without: ['ticket', 'firstUse'],
    },
    granted: { result: 'ADMIT' },
    request: async (world) => ({
      path: '/api/tickets/validate',
      body: { qr: (await buyTicket(world)).ticket.qr, gate: 'North' },
    }),
  },
  ...CATALOG_ROWS,
  ...PERSON_ROWS,
  ...VENUE_ROWS,
};
