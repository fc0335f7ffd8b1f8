import { findEvents } from '../../catalog/reads.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import type { PersonalData } from '../../users/recipients.ts';
import { signQr, type TicketSeeds } from '../codes.ts';
import type { Ticket } from '../contract.ts';
import { passOf, type Pass } from '../domain/pass.ts';
import { isLive, qrSubjectOf, timesOf } from '../domain/ticket.ts';
import { PASS_SERVICE, type WalletsView } from '../wallet-contract.ts';
import { findTicket } from '../reads.ts';
import { isPassAddressOf, passAddress, passToken } from '../wallet-tokens.ts';
import { isLinkOf, ticketIdInToken } from '../web-tickets.ts';
import { applePass } from '../wallet/apple-pass.ts';
import type { AppleAccount } from '../wallet/apple-account.ts';
import type { GoogleAccount } from '../wallet/google-account.ts';
import { googlePassLink } from '../wallet/google-pass.ts';
import type { PrintLanguage } from '../holder-contract.ts';

/** What making passes needs from outside. */
export interface WalletDeps {
  readonly table: Table;
  readonly seeds: () => Promise<TicketSeeds>;
  readonly linkKey: () => Promise<Uint8Array>;
  /** The operator's accounts; undefined where there is none. */
  readonly apple: () => Promise<AppleAccount | undefined>;
  readonly google: () => Promise<GoogleAccount | undefined>;
  readonly personalData: PersonalData;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  /** How the operator is called. */
  readonly brand: { readonly name: string };
}

/** The pass of a ticket's code of `version`, with what its event is now. */
export async function loadPass(
  { table, seeds }: Pick<WalletDeps, 'table' | 'seeds'>,
  ticket: Ticket,
  version = ticket.ticketVersion,
): Promise<Pass> {
  const [types, events, keys] = await Promise.all([
    findTicketTypes(table, [ticket.ticketTypeId]),
    findEvents(table, [ticket.eventId]),
    seeds(),
  ]);
  const type = types.get(ticket.ticketTypeId);
  if (type === undefined) throw new Error(`Ticket ${ticket.ticketId} lacks its type`);
  return passOf(ticket, version, type, events.get(ticket.eventId), signQr(keys, qrSubjectOf(ticket, timesOf(type))));
}

/** A ticket as a file for Apple Wallet. @returns WALLET_NOT_AVAILABLE where the operator has no account at Apple */
export async function makeApplePass(
  deps: WalletDeps,
  ticket: Ticket,
  version = ticket.ticketVersion,
): Promise<Result<Uint8Array, Problem>> {
  const account = await deps.apple();
  if (account === undefined) return err(notAvailable('Apple Wallet'));
  const [pass, key] = await Promise.all([loadPass(deps, ticket, version), deps.linkKey()]);
  const service = { url: `${deps.publicUrl}${PASS_SERVICE}`, token: passToken(key, pass) };
  return ok(applePass(account, pass, service, deps.brand.name));
}

/** The link that saves a ticket to Google Wallet. @returns WALLET_NOT_AVAILABLE where the operator has no account at Google */
export async function makeGoogleLink(
  deps: WalletDeps,
  ticket: Ticket,
  language: PrintLanguage,
  now: Instant,
): Promise<Result<{ readonly url: string }, Problem>> {
  const account = await deps.google();
  if (account === undefined) return err(notAvailable('Google Wallet'));
  return ok({
    url: await googlePassLink(account, await loadPass(deps, ticket), { language, now, brand: deps.brand.name }),
  });
}

/**
 * Where the ticket of a link can be saved; a used one nowhere any more.
 *
 * @param token of the ticket's link
 * @returns TOKEN_INVALID_OR_EXPIRED as the link itself does
 */
export async function walletsOfLink(
  deps: WalletDeps,
  token: string,
  now: Instant,
): Promise<Result<WalletsView, Problem>> {
  const key = await deps.linkKey();
  const ticket = await liveTicketOf(deps.table, token, (found) => isLinkOf(key, found, token), now);
  if (ticket === undefined) return err(gone());
  if (ticket.status !== 'VALID') return ok({ apple: null, google: null });
  const [apple, google] = await Promise.all([deps.apple(), makeGoogleLink(deps, ticket, 'en', now)]);
  return ok({
    apple:
      apple === undefined
        ? null
        : { url: passAddress({ publicUrl: deps.publicUrl, key, passType: apple.passTypeIdentifier }, ticket, now) },
    google: google.ok ? google.value : null,
  });
}

/** The file for Apple Wallet at an address of {@link walletsOfLink}. @returns TOKEN_INVALID_OR_EXPIRED once it works no more */
export async function passAtAddress(
  deps: WalletDeps,
  { token, until }: { readonly token: string; readonly until: Instant },
  now: Instant,
): Promise<Result<{ readonly bytes: Uint8Array; readonly number: string }, Problem>> {
  const key = await deps.linkKey();
  const isNamed = (found: Ticket): boolean => isPassAddressOf(key, found, token, until, now);
  const ticket = await liveTicketOf(deps.table, token, isNamed, now);
  if (ticket === undefined) return err(gone());
  const made = await makeApplePass(deps, ticket);
  return made.ok ? ok({ bytes: made.value, number: ticket.number }) : made;
}

async function liveTicketOf(
  table: Table,
  token: string,
  isNamed: (ticket: Ticket) => boolean,
  now: Instant,
): Promise<Ticket | undefined> {
  const ticketId = ticketIdInToken(token);
  const ticket = ticketId === undefined ? undefined : await findTicket(table, ticketId, 'strong');
  if (ticket === undefined || !isNamed(ticket) || !isLive(ticket)) return undefined;
  const type = (await findTicketTypes(table, [ticket.ticketTypeId])).get(ticket.ticketTypeId);
  return type === undefined || now > timesOf(type).validUntil ? undefined : ticket;
}

function notAvailable(wallet: string): Problem {
  return problem('WALLET_NOT_AVAILABLE', `${wallet} is not set up here. Print the ticket, or show it from its page.`);
}

function gone(): Problem {
  return problem('TOKEN_INVALID_OR_EXPIRED', 'This link does not show a ticket any more. Ask its holder for another.');
}
