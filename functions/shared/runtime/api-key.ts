import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';

import { MINUTE, type Instant } from '../kernel/clock.ts';
import { derivedId, encodeUlid } from '../kernel/ids.ts';
import { problem, ProblemError } from '../kernel/problems.ts';
import type { Table } from '../table/client.ts';
import { commit, StoreBusyError } from '../table/commit.ts';
import type { Key } from '../table/keys.ts';
import { getItem } from '../table/read.ts';
import { absent, allOf, anyOf, atMost, exists, type Update } from '../table/writes.ts';
import { KEY_SCOPES } from './route.ts';
import type { Session, VendorKey } from './session.ts';

/** What every key begins with, so that people and secret scanners know one when they see it. */
const PREFIX = 'osk_live_';
/** 256 random bits as two ids of 128 bits, and a check of six characters: 9 + 52 + 6 in all. */
const SHAPE = /^osk_live_([0-7][0-9A-HJKMNP-TV-Z]{25}[0-7][0-9A-HJKMNP-TV-Z]{25})([0-9A-HJKMNP-TV-Z]{6})$/;
/** How often the time of a key's last use is written, at most. */
const LAST_USED_MS = 5 * MINUTE;
/**
 * How a vendor names its customers: a number of its own, hashed before it is kept. No `@`, for a plain hash of an
 * address can be guessed.
 */
const END_CUSTOMER = /^[\w.:+-]{1,64}$/;

/** An API key and what may be known of it. */
export interface ApiKey {
  /** Public: it names the key's row and shows in the audit. It follows from the key by a one-way hash. */
  readonly apiKeyId: string;
  /** SHA-256 in base64url: it suffices for 256 random bits, which nobody can try out. */
  readonly hash: string;
}

/** A new key: shown to its maker once, and kept nowhere. */
export function makeApiKey(): ApiKey & { readonly text: string } {
  const secret = encodeUlid(randomBytes(16)) + encodeUlid(randomBytes(16));
  const text = `${PREFIX}${secret}${checkOf(secret)}`;
  return { text, ...hashed(text) };
}

/** What `text` names, or undefined where it cannot be a key of ours: a slip costs no read. */
export function readApiKey(text: string): ApiKey | undefined {
  const [, secret, check] = SHAPE.exec(text) ?? [];
  return secret === undefined || check !== checkOf(secret) ? undefined : hashed(text);
}

function hashed(text: string): ApiKey {
  return { apiKeyId: derivedId('api-key', text), hash: createHash('sha256').update(text).digest('base64url') };
}

function checkOf(secret: string): string {
  return derivedId('api-key-check', secret).slice(-6);
}

/** The row by which a key is known at each request. */
export function apiKeyKey(apiKeyId: string): Key {
  return { pk: `APIKEY#${apiKeyId}`, sk: 'APIKEY' };
}

const apiKeyRow = z.object({
  hash: z.string(),
  organizationId: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(KEY_SCOPES)),
  expiresAt: z.optional(z.int()),
  revokedAt: z.optional(z.int()),
  lastUsedAt: z.optional(z.int()),
});
export type ApiKeyRow = z.infer<typeof apiKeyRow>;

/** Reads an item as a key's row. */
export function parseApiKey(item: unknown): ApiKeyRow {
  return z.parse(apiKeyRow, item);
}

/** Whose purchases those with a key of this name are: they stay the vendor's when the key is rotated. */
export function vendorIdOf({ organizationId, name }: Pick<ApiKeyRow, 'organizationId' | 'name'>): string {
  return derivedId('vendor', organizationId, name);
}

/**
 * The vendor that calls with `key`, from one strong read: a key that was revoked a moment ago works no more.
 *
 * @param endCustomer how the vendor names the person that it buys for; limits per person are counted under it.
 *   Without it the vendor itself is the person, so that nobody gets around a limit by leaving it out
 * @throws ProblemError NOT_SIGNED_IN, or INVALID_INPUT for a name that is none
 */
export async function loadVendor(
  table: Table,
  key: ApiKey,
  endCustomer: string | undefined,
  now: Instant,
): Promise<Session> {
  if (endCustomer !== undefined && !END_CUSTOMER.test(endCustomer)) {
    throw new ProblemError(
      problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
        errors: [
          {
            path: 'header.x-end-customer',
            message: 'Use your own number for the customer, of 1 to 64 letters, digits or . _ : + -',
          },
        ],
      }),
    );
  }
  const item = await getItem(table, apiKeyKey(key.apiKeyId), 'strong');
  const row = item === undefined ? undefined : parseApiKey(item);
  if (row === undefined || !sameHash(row.hash, key.hash) || row.revokedAt !== undefined || ended(row, now)) {
    throw new ProblemError(problem('NOT_SIGNED_IN', 'This API key does not exist, has expired or was revoked.'));
  }
  const vendorId = vendorIdOf(row);
  return {
    sessionId: key.apiKeyId,
    userId: vendorId,
    roles: ['vendor'],
    memberships: [],
    csrf: '',
    expiresAt: row.expiresAt ?? Number.MAX_SAFE_INTEGER,
    ...(endCustomer === undefined ? {} : { limitKey: derivedId('end-customer', vendorId, endCustomer) }),
    key: {
      apiKeyId: key.apiKeyId,
      organizationId: row.organizationId,
      scopes: row.scopes,
      ...(row.lastUsedAt === undefined ? {} : { lastUsedAt: row.lastUsedAt }),
    },
  };
}

function sameHash(kept: string, given: string): boolean {
  const [left, right] = [Buffer.from(kept), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function ended({ expiresAt }: ApiKeyRow, now: Instant): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/**
 * Writes that a key was used, every five minutes at most: called once a request is known to be granted, so that
 * only functions which vendors may call need leave to write it.
 */
export async function rememberUse(table: Table, { apiKeyId, lastUsedAt }: VendorKey, now: Instant): Promise<void> {
  if (lastUsedAt !== undefined && lastUsedAt > now - LAST_USED_MS) return;
  const write: Update<'WRITTEN_MEANWHILE'> = {
    kind: 'update',
    key: apiKeyKey(apiKeyId),
    set: { lastUsedAt: now },
    when: allOf(exists('pk'), anyOf(absent('lastUsedAt'), atMost('lastUsedAt', now - LAST_USED_MS))),
    otherwise: () => 'WRITTEN_MEANWHILE',
  };
  try {
    await commit(table, [write]);
  } catch (error) {
    // Who used a key when is worth no refusal of what it is used for.
    if (!(error instanceof StoreBusyError)) throw error;
  }
}
