import * as z from 'zod/mini';

import { apiKeysEvents, apiKeysRoutes } from './api-keys-contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { limitsEnv } from '../shared/runtime/limits.ts';
import { assignmentView, post } from '../shared/runtime/membership.ts';
import { route } from '../shared/runtime/route.ts';
import { linkEnv, personalDataEnv } from '../users/contract.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Members that one organisation may have, and posts that one member may hold. */
export const MOST_MEMBERS = 200;
export const MOST_POSTS = 20;
/** Posts that one person may hold over all organisations: the account's row keeps a copy of them. */
export const MOST_MEMBERSHIPS = 100;

/** A post as a request asks for it. */
export const assignmentWish = z.strictObject({
  post,
  eventId: z.optional(id),
  from: z.optional(z.iso.datetime({ offset: true })),
  until: z.optional(z.iso.datetime({ offset: true })),
});
export type AssignmentWish = z.infer<typeof assignmentWish>;

const name = z.string().check(
  z.trim(),
  z.minLength(1),
  z.maxLength(120),
  z.regex(/^[^\p{Cc}]+$/u),
  z.refine<string>((text) => text.isWellFormed(), 'This is not well-formed Unicode'),
);
/** Posts as a request asks for them. */
export const postWishes = z.array(assignmentWish).check(z.minLength(1), z.maxLength(MOST_POSTS));

export const organizationView = z.object({
  id,
  name: z.string(),
  /** What the caller does in it; empty for admins and support from outside. */
  posts: z.array(assignmentView),
  createdAt: z.iso.datetime(),
});
export type OrganizationView = z.infer<typeof organizationView>;

export const memberView = z.object({
  userId: id,
  email: z.nullable(z.string()),
  firstName: z.nullable(z.string()),
  lastName: z.nullable(z.string()),
  posts: z.array(assignmentView),
  since: z.iso.datetime(),
});
export type MemberView = z.infer<typeof memberView>;

export const createOrganization = route({
  id: 'createOrganization',
  method: 'POST',
  path: '/api/organizations',
  summary: 'Found an organisation, and become its organizer at once',
  access: { who: ['customer'] },
  body: z.strictObject({ name }),
  responses: { 201: organizationView },
  problems: ['IDEMPOTENCY_KEY_REUSED', 'TOO_MANY_MEMBERSHIPS'],
});

export const listOrganizations = route({
  id: 'listOrganizations',
  method: 'GET',
  path: '/api/organizations',
  summary: 'The organisations that the caller has a post in',
  access: { who: ['customer'] },
  responses: { 200: z.object({ items: z.array(organizationView), nextCursor: z.null() }) },
  problems: [],
});

const organizationParams = z.strictObject({ organizationId: id });
const LEADERS = { who: ['organizer', 'admin'], owns: 'organization' } as const;

export const getOrganization = route({
  id: 'getOrganization',
  method: 'GET',
  path: '/api/organizations/{organizationId}',
  summary: 'One organisation',
  access: { who: ['staff', 'organizer', 'support', 'admin'], owns: 'organization' },
  params: organizationParams,
  responses: { 200: organizationView },
  problems: [],
});

export const renameOrganization = route({
  id: 'renameOrganization',
  method: 'PATCH',
  path: '/api/organizations/{organizationId}',
  summary: 'Give an organisation another name',
  access: LEADERS,
  params: organizationParams,
  body: z.strictObject({ name }),
  responses: { 200: organizationView },
  problems: [],
});

export const listMembers = route({
  id: 'listMembers',
  method: 'GET',
  path: '/api/organizations/{organizationId}/members',
  summary: 'Who works for an organisation, and as what',
  access: LEADERS,
  params: organizationParams,
  responses: { 200: z.object({ items: z.array(memberView), nextCursor: z.null() }) },
  problems: [],
});

const CHANGE_PROBLEMS = ['EVENT_NOT_FOUND', 'LAST_ORGANIZER', 'TOO_MANY_MEMBERSHIPS', 'INVALID_INPUT'] as const;

export const addMember = route({
  id: 'addMember',
  method: 'POST',
  path: '/api/organizations/{organizationId}/members',
  summary: 'Give somebody with an account posts in an organisation; who has some already keeps these as well',
  access: LEADERS,
  params: organizationParams,
  body: z.strictObject({ userId: id, posts: postWishes }),
  responses: { 201: memberView },
  problems: ['USER_NOT_FOUND', ...CHANGE_PROBLEMS],
});

const memberParams = z.strictObject({ organizationId: id, memberId: id });

export const setMember = route({
  id: 'setMember',
  method: 'PUT',
  path: '/api/organizations/{organizationId}/members/{memberId}',
  summary: 'Set the posts of a member, whose user id it is; at once, also in running sessions',
  access: { who: ['organizer', 'admin'], owns: 'member' },
  params: memberParams,
  body: z.strictObject({ posts: postWishes }),
  responses: { 200: memberView },
  // A member who is banned meanwhile gets no posts, and whoever asks and is banned meanwhile has no organisation.
  problems: ['USER_NOT_FOUND', 'ORGANIZATION_NOT_FOUND', ...CHANGE_PROBLEMS],
});

export const removeMember = route({
  id: 'removeMember',
  method: 'DELETE',
  path: '/api/organizations/{organizationId}/members/{memberId}',
  summary: 'Take a member out of an organisation, or leave it; at once, also in running sessions',
  access: { who: ['customer', 'organizer', 'admin'], owns: 'member' },
  params: memberParams,
  responses: { 204: null },
  problems: ['LAST_ORGANIZER', 'ORGANIZATION_NOT_FOUND'],
});

const userParams = z.strictObject({ userId: id });

/** The roles that an admin gives; `organizer` and `staff` follow from posts in organisations. */
export const GIVEN_ROLES = ['customer', 'support', 'admin'] as const;

const userAccess = z.object({
  userId: id,
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  bannedAt: z.nullable(z.iso.datetime()),
});
export type UserAccess = z.infer<typeof userAccess>;

export const setRoles = route({
  id: 'setRoles',
  method: 'PUT',
  path: '/api/users/{userId}/roles',
  summary: 'Set the roles that an admin gives; at once, also in running sessions',
  access: { who: ['admin'], owns: 'user', checkedBy: 'use case' },
  params: userParams,
  body: z.strictObject({ roles: z.array(z.enum(GIVEN_ROLES)).check(z.maxLength(GIVEN_ROLES.length)) }),
  responses: { 200: userAccess },
  problems: ['LAST_ADMIN'],
});

export const banUser = route({
  id: 'banUser',
  method: 'POST',
  path: '/api/users/{userId}/ban',
  summary: 'Bar somebody: every session ends at once, and no log-in succeeds; roles of admins are given up',
  access: { who: ['admin'], owns: 'user', checkedBy: 'use case' },
  params: userParams,
  body: z.strictObject({}),
  responses: { 200: userAccess },
  problems: ['LAST_ADMIN'],
});

export const unbanUser = route({
  id: 'unbanUser',
  method: 'POST',
  path: '/api/users/{userId}/unban',
  summary: 'Let somebody log in again',
  access: { who: ['admin'], owns: 'user', checkedBy: 'use case' },
  params: userParams,
  body: z.strictObject({}),
  responses: { 200: userAccess },
  problems: [],
});

export const organizationsRoutes = [
  createOrganization,
  listOrganizations,
  getOrganization,
  renameOrganization,
  listMembers,
  addMember,
  setMember,
  removeMember,
  setRoles,
  banUser,
  unbanUser,
  ...apiKeysRoutes,
] as const;

/** What the function of organisations is given: it shows names of members, and addresses of who is invited. */
export const organizationsEnv = z.extend(sessionEnv, {
  ...personalDataEnv.shape,
  ...linkEnv.shape,
  ...limitsEnv.shape,
  /** Keyed hash by which an account is found from its address. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
});

const ofOrganization = z.object({ organizationId: z.string() });
const ofUser = z.object({ userId: z.string() });

export const organizationCreated = defineEvent(
  'users.OrganizationCreated.v1',
  'somebody founds an organisation',
  ofOrganization,
);
export const organizationRenamed = defineEvent(
  'users.OrganizationRenamed.v1',
  'an organizer gives an organisation another name',
  ofOrganization,
);
export const membersChanged = defineEvent(
  'users.MembersChanged.v1',
  'somebody joins or leaves an organisation, or gets other posts in it',
  ofOrganization,
);
export const userPostsChanged = defineEvent(
  'users.UserPostsChanged.v1',
  'the posts of a person in organisations change; raised with `users.MembersChanged.v1`',
  ofUser,
);
export const userRolesChanged = defineEvent(
  'users.UserRolesChanged.v1',
  'an admin gives or takes a role, or the operator makes the first admin',
  ofUser,
);
export const userBanned = defineEvent('users.UserBanned.v1', 'an admin bars a person', ofUser);
export const userUnbanned = defineEvent('users.UserUnbanned.v1', 'an admin lets a person in again', ofUser);
export const adminsChanged = defineEvent(
  'users.AdminsChanged.v1',
  'somebody becomes an admin, or is one no longer',
  z.object({ adminIds: z.array(z.string()) }),
);

export const organizationsEvents = [
  organizationCreated,
  organizationRenamed,
  membersChanged,
  userPostsChanged,
  userRolesChanged,
  userBanned,
  userUnbanned,
  adminsChanged,
  ...apiKeysEvents,
] as const;
