import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { KEY_SCOPES, route } from '../shared/runtime/route.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Live keys of one name: the one in use, and the one that replaces it. */
export const LIVE_OF_ONE_NAME = 2;
/** Live keys of one organisation. */
export const MOST_KEYS = 50;

const keyName = z.string().check(z.regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u));

/** A key as its organizers see it; the key itself is shown once, when it is made. */
export const apiKeyView = z.object({
  id,
  organizationId: id,
  name: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  createdAt: z.iso.datetime(),
  /** Null once who made it has erased their account. */
  createdBy: z.nullable(id),
  expiresAt: z.nullable(z.iso.datetime()),
  /** To within five minutes. */
  lastUsedAt: z.nullable(z.iso.datetime()),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

export const createApiKey = route({
  id: 'createApiKey',
  method: 'POST',
  path: '/api/api-keys',
  summary: 'Make an API key for a vendor that sells for an organisation; it is shown this once',
  access: { who: ['organizer'], owns: 'organization', by: 'body', checkedBy: 'use case' },
  body: z.strictObject({
    /** May be left out by who leads one organisation only. */
    organizationId: z.optional(id),
    name: keyName,
    scopes: z.array(z.enum(KEY_SCOPES)).check(z.minLength(1), z.maxLength(KEY_SCOPES.length)),
    expiresAt: z.optional(z.iso.datetime({ offset: true })),
  }),
  responses: { 201: z.extend(apiKeyView, { key: z.string() }) },
  problems: ['TOO_MANY_KEYS', 'INVALID_INPUT'],
});

export const listApiKeys = route({
  id: 'listApiKeys',
  method: 'GET',
  path: '/api/api-keys',
  summary: 'The live API keys of the organisations that the caller leads',
  access: { who: ['organizer'] },
  responses: { 200: z.object({ items: z.array(apiKeyView), nextCursor: z.null() }) },
  problems: [],
});

export const revokeApiKey = route({
  id: 'revokeApiKey',
  method: 'DELETE',
  path: '/api/api-keys/{apiKeyId}',
  summary: 'Revoke an API key at once',
  access: { who: ['organizer', 'admin'], owns: 'apiKey' },
  params: z.strictObject({ apiKeyId: id }),
  responses: { 204: null },
  problems: [],
});

export const apiKeysRoutes = [createApiKey, listApiKeys, revokeApiKey] as const;

/** `by` is the id of who did it: organizers are told by mail. */
const ofKey = z.object({ organizationId: z.string(), changedKeyId: z.string(), by: z.string() });

export const apiKeyCreated = defineEvent('users.ApiKeyCreated.v1', 'an organizer makes an API key', ofKey);
export const apiKeyRevoked = defineEvent('users.ApiKeyRevoked.v1', 'an API key is revoked', ofKey);
export const apiKeysDisowned = defineEvent(
  'users.ApiKeysDisowned.v1',
  'who made API keys has erased their account; the keys stay',
  z.object({ organizationId: z.string() }),
);

export const apiKeysEvents = [apiKeyCreated, apiKeyRevoked, apiKeysDisowned] as const;
