import * as z from 'zod/mini';

import { DAY } from '../shared/kernel/clock.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { assignmentView } from '../shared/runtime/membership.ts';
import { route } from '../shared/runtime/route.ts';
import { emailAddress, locale } from '../users/person-fields.ts';
import { organizationView, postWishes } from './contract.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** How long an invitation may be accepted. */
export const INVITATION_LIVES_MS = 7 * DAY;
/** Open invitations of one organisation. */
export const MOST_INVITATIONS = 50;

/** An open invitation as organizers see it. */
export const invitationView = z.object({
  id,
  email: z.string(),
  posts: z.array(assignmentView),
  invitedBy: id,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type InvitationView = z.infer<typeof invitationView>;

/** What somebody is invited to, as whoever has the link may see it; never to which address it went. */
export const offerView = z.object({
  organization: z.object({ id, name: z.string() }),
  posts: z.array(z.extend(assignmentView, { eventTitle: z.optional(z.string()) })),
  expiresAt: z.iso.datetime(),
});
export type OfferView = z.infer<typeof offerView>;

const LEADERS = { who: ['organizer', 'admin'], owns: 'organization' } as const;
const organizationParams = z.strictObject({ organizationId: id });
/** Of the link in the mail. Any text may be tried: what is no token is answered as one that is spent. */
const withToken = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(500)) });

export const createInvitation = route({
  id: 'createInvitation',
  method: 'POST',
  path: '/api/organizations/{organizationId}/invitations',
  summary: 'Invite whoever has an address to posts in an organisation, by a mail whose link lives for seven days',
  access: LEADERS,
  params: organizationParams,
  body: z.strictObject({
    email: emailAddress,
    posts: postWishes,
    /** Language of the mail; that of who invites unless said. */
    locale: z.optional(locale),
  }),
  responses: { 201: invitationView },
  problems: ['EVENT_NOT_FOUND', 'ALREADY_INVITED', 'TOO_MANY_INVITATIONS', 'TOO_MANY_REQUESTS', 'INVALID_INPUT'],
});

export const listInvitations = route({
  id: 'listInvitations',
  method: 'GET',
  path: '/api/organizations/{organizationId}/invitations',
  summary: 'The invitations of an organisation that can still be accepted, newest first',
  access: LEADERS,
  params: organizationParams,
  responses: { 200: z.object({ items: z.array(invitationView), nextCursor: z.null() }) },
  problems: [],
});

export const revokeInvitation = route({
  id: 'revokeInvitation',
  method: 'DELETE',
  path: '/api/organizations/{organizationId}/invitations/{invitationId}',
  summary: 'Revoke an invitation at once',
  access: { who: ['organizer', 'admin'], owns: 'invitation' },
  params: z.strictObject({ organizationId: id, invitationId: id }),
  responses: { 204: null },
  problems: [],
});

export const showInvitation = route({
  id: 'showInvitation',
  method: 'POST',
  path: '/api/invitations/show',
  summary: 'What an invitation is to, by the token of its link',
  access: { who: 'anyone' },
  body: withToken,
  responses: { 200: offerView },
  problems: ['TOKEN_INVALID_OR_EXPIRED'],
});

export const acceptInvitation = route({
  id: 'acceptInvitation',
  method: 'POST',
  path: '/api/invitations/accept',
  summary: 'Accept an invitation, as who has an account with the address that it went to; the posts count at once',
  access: { who: ['customer'] },
  body: withToken,
  responses: { 200: organizationView },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'INVITED_OTHER_ADDRESS', 'TOO_MANY_MEMBERSHIPS'],
});

export const invitationsRoutes = [
  createInvitation,
  listInvitations,
  revokeInvitation,
  showInvitation,
  acceptInvitation,
] as const;

const ofInvitation = z.object({ invitationId: z.string(), organizationId: z.string() });

export const memberInvited = defineEvent(
  'users.MemberInvited.v1',
  'an organizer invites an address to posts in an organisation',
  ofInvitation,
);
export const invitationAccepted = defineEvent(
  'users.InvitationAccepted.v1',
  'the person with the invited address takes the posts; raised with `users.MembersChanged.v1`',
  z.extend(ofInvitation, { acceptedBy: z.string() }),
);
export const invitationRevoked = defineEvent(
  'users.InvitationRevoked.v1',
  'an organizer or an admin takes an invitation back',
  ofInvitation,
);
export const invitationWithdrawn = defineEvent(
  'users.InvitationWithdrawn.v1',
  'the person with the invited address has erased their account',
  ofInvitation,
);

export const invitationsEvents = [memberInvited, invitationAccepted, invitationRevoked, invitationWithdrawn] as const;
