import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { linkEnv } from '../users/contract.ts';
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

export const fetchApplePass = route({
  id: 'fetchApplePass',
  method: 'GET',
  path: '/api/tickets/show/pass',
  summary: 'The pass for Apple Wallet at an address that works for some minutes, without a log-in',
  access: { who: 'anyone' },
  query: z.strictObject({ token, until: z.coerce.number().check(z.int(), z.positive()) }),
  responses: { 200: null },
  produces: APPLE_PASS,
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'WALLET_NOT_AVAILABLE'],
});

/** Tickets in wallets of phones. */
export const walletRoutes = [getApplePass, getGooglePass, showWallets, fetchApplePass] as const;

export const walletsEnv = z.extend(sessionEnv, {
  ...ticketSeedEnv.shape,
  ...linkEnv.shape,
  /** Private key of the pass type's certificate, PEM; or {@link NOT_SET_UP}. */
  APPLE_PASS_KEY_PARAMETER: z.string(),
  /** The certificate of the pass type and Apple's that signed it, PEM one after the other; or {@link NOT_SET_UP}. */
  APPLE_PASS_CERTIFICATES_PARAMETER: z.string(),
  /** Account of Google Wallet, see `wallet/google-account.ts`; or {@link NOT_SET_UP}. */
  GOOGLE_WALLET_PARAMETER: z.string(),
});
