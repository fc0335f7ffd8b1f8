import { findAttendees, openAttendees } from '../orders/attendees.ts';
import { logFault } from '../shared/runtime/log.ts';
import { SecretUnavailableError } from '../shared/runtime/secrets.ts';
import type { Table } from '../shared/table/client.ts';
import { findRecipients, type PersonalData } from '../users/recipients.ts';
import type { Ticket } from './contract.ts';
import { isLive, placeIn } from './domain/ticket.ts';

/** Names of the holders of tickets, by the tickets' ids. */
export type HolderNames = ReadonlyMap<string, string>;

/**
 * How the holders of `tickets` are called, of those that still stand for an entry: whoever was named with the order or since,
 * or, of a ticket that was passed on, whoever has accepted it, by the account. Nothing is read for tickets without a name.
 *
 * @throws SecretUnavailableError when a key cannot be asked for now
 */
export async function holderNamesOf(
  table: Table,
  personalData: PersonalData,
  tickets: readonly Ticket[],
): Promise<HolderNames> {
  const live = tickets.filter(isLive);
  const received = live.filter(({ transferredFrom }) => transferredFrom !== undefined);
  const named = live.filter(({ transferredFrom, namings }) => transferredFrom === undefined && namings !== undefined);
  const [attendees, holders] = await Promise.all([
    named.length === 0
      ? new Map<string, ReadonlyMap<number, string>>()
      : findAttendees(
          table,
          named.map(({ orderId }) => orderId),
        ).then((sealed) => openAttendees(personalData, sealed)),
    received.length === 0
      ? new Map<string, { readonly firstName: string; readonly lastName: string }>()
      : findRecipients(table, personalData, [...new Set(received.map(({ customerId }) => customerId))]),
  ]);
  return new Map([
    ...named.flatMap((ticket): [string, string][] => {
      const name = attendees.get(ticket.orderId)?.get(placeIn(ticket));
      return name === undefined ? [] : [[ticket.ticketId, name]];
    }),
    ...received.flatMap(({ ticketId, customerId }): [string, string][] => {
      const holder = holders.get(customerId);
      return holder === undefined ? [] : [[ticketId, `${holder.firstName} ${holder.lastName}`]];
    }),
  ]);
}

/** Looks up the names of holders for whoever shows tickets. */
export type NamesOf = (tickets: readonly Ticket[]) => Promise<HolderNames>;

/**
 * As {@link holderNamesOf}; where keys cannot be asked for, tickets are shown without names. Nobody stands before a gate
 * without a ticket for that.
 */
export function namesFor(table: Table, personalData: PersonalData): NamesOf {
  return async (tickets) => {
    try {
      return await holderNamesOf(table, personalData, tickets);
    } catch (error) {
      if (!(error instanceof SecretUnavailableError)) throw error;
      logFault('NAMES_NOT_OPENED', error, { tickets: tickets.length });
      return new Map();
    }
  };
}
