import * as z from 'zod/mini';

import { findTicketTypes } from '../inventory/reads.ts';
import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryAll, queryPage, type Consistency } from '../shared/table/read.ts';
import type { AdmissionTerms, Ticket } from './contract.ts';
import { isLive, parseTicket, placesOf, timesOf, type TicketedOrder } from './domain/ticket.ts';
import { parsePrintJob, parsePrints, type PrintJob, type Prints } from './domain/print-job.ts';
import { parseListedPass, parseRegistrations, type ListedPass, type Registrations } from './domain/registration.ts';
import { parseOffer, type Offer } from './domain/transfer.ts';
import {
  devicePassKey,
  eventPassKey,
  offerKey,
  printJobKey,
  printQueue,
  printsKey,
  RECEIVED_PREFIX,
  receivedPartition,
  registrationsKey,
  ticketKey,
} from './keys.ts';
import { MOST_TRANSFERS } from './transfer-contract.ts';

/** The ticket `ticketId`, or undefined. */
export async function findTicket(
  table: Table,
  ticketId: string,
  consistency: Consistency,
): Promise<Ticket | undefined> {
  const item = await getItem(table, ticketKey(ticketId), consistency);
  return item === undefined ? undefined : parseTicket(item);
}

/**
 * The tickets that were issued for `orders`, in their printed order, those not issued yet left out. No index is needed:
 * the ids follow from the orders' lines. They are their buyers', also where TRANSFERRED.
 */
export async function findIssuedTicketsOf(
  table: Table,
  orders: readonly TicketedOrder[],
  consistency: Consistency,
): Promise<readonly Ticket[]> {
  const ids = orders.flatMap((order) => placesOf(order).map(({ ticketId }) => ticketId));
  return findTickets(table, ids, consistency);
}

/**
 * The tickets that stand for the places of `orders` by now, whoever holds them: of one that was passed on, the last that it
 * led to. For what becomes of an order: refunds, cancellation, audits.
 */
export async function findTicketsOf(
  table: Table,
  orders: readonly TicketedOrder[],
  consistency: Consistency,
): Promise<readonly Ticket[]> {
  const chains = await findChainsOf(table, orders, consistency);
  return chains.flatMap((chain) => chain.at(-1) ?? []);
}

/** All tickets that there ever were for each place of `orders`: what was issued, and what it led to. */
export async function findChainsOf(
  table: Table,
  orders: readonly TicketedOrder[],
  consistency: Consistency,
): Promise<readonly (readonly Ticket[])[]> {
  const chains = (await findIssuedTicketsOf(table, orders, consistency)).map((ticket) => [ticket]);
  for (let hop = 1; hop <= MOST_TRANSFERS; hop += 1) {
    const next = chains.flatMap((chain) => chain.at(-1)?.transferredTo ?? []);
    if (next.length === 0) break;
    const found = new Map((await findTickets(table, next, consistency)).map((ticket) => [ticket.ticketId, ticket]));
    for (const chain of chains) {
      const successor = found.get(chain.at(-1)?.transferredTo ?? '');
      if (successor !== undefined) chain.push(successor);
    }
  }
  return chains;
}

async function findTickets(table: Table, ids: readonly string[], consistency: Consistency): Promise<readonly Ticket[]> {
  const items = await getItems(table, ids.map(ticketKey), consistency);
  const byId = new Map(items.map(parseTicket).map((ticket) => [ticket.ticketId, ticket]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Tickets of an order that its buyer still holds and that stand for an entry: what is mailed or printed of it. */
export async function findLiveTicketsOf(table: Table, order: TicketedOrder): Promise<readonly Ticket[]> {
  return (await findIssuedTicketsOf(table, [order], 'strong')).filter(isLive);
}

/**
 * When and where a ticket admits. What it was issued with is what its printed code says; an event that was moved since, or
 * has declared its gates, has told its ticket types.
 */
export async function findAdmissionTerms(table: Table, ticket: Ticket): Promise<AdmissionTerms> {
  const type = (await findTicketTypes(table, [ticket.ticketTypeId])).get(ticket.ticketTypeId);
  return type === undefined ? ticket : { ...timesOf(type), closedGates: type.closedGates };
}

/** To whom a ticket is offered, or undefined. Strong: offers are accepted by it. */
export async function findOffer(table: Table, ticketId: string): Promise<Offer | undefined> {
  const item = await getItem(table, offerKey(ticketId), 'strong');
  return item === undefined ? undefined : parseOffer(item);
}

/** The print job `jobId`, read strongly, or undefined. */
export async function findPrintJob(table: Table, jobId: string): Promise<PrintJob | undefined> {
  const item = await getItem(table, printJobKey(jobId), 'strong');
  return item === undefined ? undefined : parsePrintJob(item);
}

/** Tickets with how often they were printed, read strongly: what a print is decided on. */
export async function findPrintable(
  table: Table,
  ticketIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly ticket: Ticket; readonly prints: Prints | undefined }>> {
  const [tickets, rows] = await Promise.all([
    findTickets(table, ticketIds, 'strong'),
    getItems(table, ticketIds.map(printsKey), 'strong'),
  ]);
  const prints = new Map(rows.map((row) => [row.pk, parsePrints(row)]));
  return new Map(
    tickets.map((ticket) => [ticket.ticketId, { ticket, prints: prints.get(printsKey(ticket.ticketId).pk) }]),
  );
}

/** Most open print jobs of an event that are looked at; a station empties such a queue in minutes. */
const MOST_OPEN_PRINTS = 100;
const queued = z.object({ jobId: z.string() });

/** The print jobs of an event that are not finished, oldest first; read strongly, so that a new one is among them. */
export async function openPrintJobs(table: Table, eventId: string): Promise<readonly PrintJob[]> {
  const { items } = await queryPage(table, { pk: printQueue(eventId), consistency: 'strong' }, MOST_OPEN_PRINTS);
  const ids = items.map((item) => z.parse(queued, item).jobId);
  const rows = await getItems(table, ids.map(printJobKey), 'strong');
  const jobs = new Map(rows.map(parsePrintJob).map((job) => [job.jobId, job]));
  return ids.flatMap((jobId) => jobs.get(jobId) ?? []);
}

const listed = z.object({ ticketId: z.string() });

/** A page of the tickets that somebody has received, newest first; also those that they have passed on again. */
export async function pageOfReceivedTickets(
  table: Table,
  customerId: string,
  limit: number,
  after?: string,
): Promise<{ readonly tickets: readonly Ticket[]; readonly next: string | undefined }> {
  const page = { pk: receivedPartition(customerId), skPrefix: RECEIVED_PREFIX, newestFirst: true };
  const { items, more } = await queryPage(table, { ...page, ...(after === undefined ? {} : { after }) }, limit);
  const ids = items.map((item) => z.parse(listed, item).ticketId);
  return { tickets: await findTickets(table, ids, 'eventual'), next: more ? items.at(-1)?.sk : undefined };
}

/** The devices that have a pass, or undefined. Strong: the next registration pins it. */
export async function findRegistrations(
  table: Table,
  customerId: string,
  serial: string,
): Promise<Registrations | undefined> {
  const item = await getItem(table, registrationsKey(customerId, serial), 'strong');
  return item === undefined ? undefined : parseRegistrations(item);
}

/** The passes of somebody that phones have, with the phones; as many as one hands out. */
export async function registrationsOf(table: Table, customerId: string): Promise<readonly Registrations[]> {
  const { pk, sk } = registrationsKey(customerId, '');
  const { items } = await queryPage(table, { pk, skPrefix: sk, consistency: 'strong' }, MOST_REGISTRATIONS);
  return items.map(parseRegistrations);
}

/** Of one person: nobody has as many passes. */
const MOST_REGISTRATIONS = 1_000;

/** Passes of an event that phones have; of one ticket where it is named. */
export async function* passesOfEvent(table: Table, eventId: string, ticketId?: string): AsyncGenerator<ListedPass> {
  const prefix = ticketId === undefined ? {} : { skPrefix: `${ticketId}.` };
  const { pk } = eventPassKey(eventId, '');
  for await (const item of queryAll(table, { pk, ...prefix, consistency: 'strong' })) yield parseListedPass(item);
}

/** Passes that a phone has, as many as one asks for. */
export async function passesOfDevice(table: Table, device: string, most: number): Promise<readonly ListedPass[]> {
  const { items } = await queryPage(table, { pk: devicePassKey(device, '').pk }, most);
  return items.map(parseListedPass);
}

/** Tickets by their ids, those that there are. */
export function findTicketsById(table: Table, ids: readonly string[]): Promise<readonly Ticket[]> {
  return findTickets(table, ids, 'strong');
}

export { parseTicket } from './domain/ticket.ts';
export { isLive, toldOf } from './domain/ticket.ts';
export { viewTicket } from './domain/view.ts';
