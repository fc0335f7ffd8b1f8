import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { linkEnv, personalDataEnv } from '../users/contract.ts';
import { ticketSeedEnv } from './contract.ts';
import { PRINT_LANGUAGES } from './holder-contract.ts';

/** What a wallet's secret holds where an operator has no account there: its routes then answer WALLET_NOT_AVAILABLE. */
export const NOT_SET_UP = 'none';

/** Media type of a pass (https://developer.apple.com/documentation/walletpasses). */
export const APPLE_PASS = 'application/vnd.apple.pkpass';

const holder = { who: ['customer'], owns: 'ticket' } as const;
const params = z.strictObject({ ticketId: z.string().check(z.regex(ULID_PATTERN)) });
const token = z.string().check(z.minLength(1), z.maxLength(500));

export const getApplePass = route({
  id: 'getApplePass',
  method: 'GET',
  path: '/api/tickets/{ticketId}/wallet/apple',
  summary: 'A ticket as a pass for Apple Wallet',
  access: holder,
  params,
  responses: { 200: null },
  produces: APPLE_PASS,
  problems: ['TICKET_NOT_VALID', 'WALLET_NOT_AVAILABLE'],
});

const saveLink = z.object({ url: z.string() });

export const getGooglePass = route({
  id: 'getGooglePass',
  method: 'GET',
  path: '/api/tickets/{ticketId}/wallet/google',
  summary: 'The link that saves a ticket to Google Wallet',
  access: holder,
  params,
  query: z.strictObject({
    /** That the texts of the event are in; English unless said. Google words its own labels in its reader's. */
    language: z.optional(z.enum(PRINT_LANGUAGES)),
  }),
  responses: { 200: saveLink },
  problems: ['TICKET_NOT_VALID', 'WALLET_NOT_AVAILABLE'],
});

/** The wallets that a ticket can be put into here; null where the operator has no account. */
export const walletsView = z.object({ apple: z.nullable(saveLink), google: z.nullable(saveLink) });
export type WalletsView = z.infer<typeof walletsView>;

export const showWallets = route({
  id: 'showWallets',
  method: 'POST',
  path: '/api/tickets/show/wallets',
  summary: 'Where the ticket of a link can be saved, without a log-in; the address of its pass works for some minutes',
  access: { who: 'anyone' },
  body: z.strictObject({ token }),
  responses: { 200: walletsView },
  problems: ['TOKEN_INVALID_OR_EXPIRED'],
});

/** Where phones ask for the latest state of passes; the rest of the paths is Apple's. */
export const PASS_SERVICE = '/api/wallet';
const serial = z.string().check(z.regex(/^[0-9A-Z]{26}\.[1-9][0-9]{0,4}$/));
const passType = z.string().check(z.regex(/^pass\.[\w.-]{1,150}$/));
const device = z.string().check(z.regex(/^[\w-]{1,100}$/));
/** In place of a session: `Authorization: ApplePass` and the token in the pass. */
const phone = { who: 'anyone' } as const;

export const registerPass = route({
  id: 'registerPass',
  method: 'POST',
  path: `${PASS_SERVICE}/v1/devices/{device}/registrations/{passType}/{serial}`,
  summary: 'A phone with a pass asks to be told of changes (protocol of Apple Wallet)',
  access: phone,
  params: z.strictObject({ device, passType, serial }),
  body: z.object({ pushToken: z.string().check(z.regex(/^[0-9A-Za-z]{1,200}$/)) }),
  responses: { 200: null, 201: null },
  problems: ['NOT_SIGNED_IN'],
});

export const unregisterPass = route({
  id: 'unregisterPass',
  method: 'DELETE',
  path: `${PASS_SERVICE}/v1/devices/{device}/registrations/{passType}/{serial}`,
  summary: 'A phone has a pass no longer (protocol of Apple Wallet)',
  access: phone,
  params: z.strictObject({ device, passType, serial }),
  responses: { 200: null },
  problems: ['NOT_SIGNED_IN'],
});

export const listChangedPasses = route({
  id: 'listChangedPasses',
  method: 'GET',
  path: `${PASS_SERVICE}/v1/devices/{device}/registrations/{passType}`,
  summary: 'Which passes of a phone have changed since (protocol of Apple Wallet)',
  access: phone,
  params: z.strictObject({ device, passType }),
  query: z.strictObject({ passesUpdatedSince: z.optional(z.string().check(z.regex(/^\d{1,15}$/))) }),
  responses: { 200: z.object({ serialNumbers: z.array(z.string()), lastUpdated: z.string() }), 204: null },
  problems: [],
});

export const getLatestPass = route({
  id: 'getLatestPass',
  method: 'GET',
  path: `${PASS_SERVICE}/v1/passes/{passType}/{serial}`,
  summary:
    'The latest state of a pass, for a phone that has it (protocol of Apple Wallet), or at an address that works for some minutes',
  access: phone,
  params: z.strictObject({ passType, serial }),
  query: z.strictObject({
    /** Of the address, in place of the token in a pass; they go together. */
    token: z.optional(token),
    until: z.optional(z.coerce.number().check(z.int(), z.positive())),
  }),
  responses: { 200: null },
  produces: APPLE_PASS,
  problems: ['NOT_SIGNED_IN', 'TOKEN_INVALID_OR_EXPIRED'],
});

/** Tickets in wallets of phones. */
export const walletRoutes = [
  getApplePass,
  getGooglePass,
  showWallets,
  registerPass,
  unregisterPass,
  listChangedPasses,
  getLatestPass,
] as const;

/** What whoever reads the account of Apple Wallet needs. */
export const applePassEnv = z.object({
  /** Private key of the pass type's certificate, PEM; or {@link NOT_SET_UP}. */
  APPLE_PASS_KEY_PARAMETER: z.string(),
  /** The certificate of the pass type and Apple's that signed it, PEM one after the other; or {@link NOT_SET_UP}. */
  APPLE_PASS_CERTIFICATES_PARAMETER: z.string(),
});

/** What telling phones of changes needs. */
export const passNewsEnv = z.extend(applePassEnv, {
  /** Where Apple's push service is reached; empty for Apple itself. */
  APPLE_PUSH_URL: z.string(),
});

export const walletsEnv = z.extend(sessionEnv, {
  /** How the operator is called: the name in `brand` of the stage. */
  BRAND_NAME: z.string(),
  ...ticketSeedEnv.shape,
  ...linkEnv.shape,
  ...applePassEnv.shape,
  ...personalDataEnv.shape,
  /** Account of Google Wallet, see `wallet/google-account.ts`; or {@link NOT_SET_UP}. */
  GOOGLE_WALLET_PARAMETER: z.string(),
});
