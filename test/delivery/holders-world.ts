import * as z from 'zod/mini';

import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { ticketView, type TicketView } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { putAttendees } from '../../functions/orders/attendees.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { listForCustomer } from '../../functions/orders/writes.ts';
import type { Order } from '../../functions/orders/domain/order.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold, type Attributes } from '../../functions/shared/table/writes.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { TestBucket } from '../support/bucket.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { USERS_ENV, usersParameters } from '../users/accounts.ts';
import { placePaidOrder } from './paid-order.ts';

/** What the holders' function is given beyond what every function behind the API is, in a test. */
export const HOLDERS_ENV = {
  LIMITS: USERS_ENV.LIMITS,
  LINK_KEY_PARAMETER: USERS_ENV.LINK_KEY_PARAMETER,
  PERSONAL_DATA_KEY_PARAMETER: USERS_ENV.PERSONAL_DATA_KEY_PARAMETER,
  PERSONAL_DATA_KMS_KEY: '',
  EMAIL_INDEX_KEY_PARAMETER: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
  PUBLIC_URL: 'https://onsale.test',
  BRAND_NAME: 'Konzerthaus',
  MAIL_SENDER: 'Onsale <tickets@onsale.test>',
};

/** Holders, a gate and their functions, over a table and a bucket of their own. */
export class HoldersWorld {
  readonly now = Date.now();
  readonly bucket = new TestBucket();
  readonly db: TestTable;
  readonly #parameters: TestParameters;
  readonly tickets: HttpHandler;
  readonly holders: HttpHandler;
  readonly gates: HttpHandler;
  type: TicketTypeCopy;

  private constructor(
    db: TestTable,
    parameters: TestParameters,
    handlers: readonly [HttpHandler, HttpHandler, HttpHandler],
    type: TicketTypeCopy,
  ) {
    this.db = db;
    this.#parameters = parameters;
    [this.tickets, this.holders, this.gates] = handlers;
    this.type = type;
  }

  /** @param secrets parameters beside those of every test; their names are in `more` */
  static async start(
    more: Readonly<Record<string, string>> = {},
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<HoldersWorld> {
    const db = await startTestTable();
    const parameters = await serveParameters({
      ...usersParameters(),
      '/seed': randomKey(),
      '/cursor': randomKey(),
      ...secrets,
    });
    useTestEnvironment(db, {
      ...USERS_ENV,
      TICKET_SEED_PARAMETER: '/seed',
      CURSOR_KEY_PARAMETER: '/cursor',
      DOCUMENTS_BUCKET: 'documents',
      ...HOLDERS_ENV,
      ...more,
    });
    const type = await putOnSale(db.table, Date.now(), {
      capacity: 500,
      venueName: 'Pakhuis Noord',
      city: 'Rotterdam',
    });
    const { handler: tickets } = await import('../../functions/delivery/handlers/http-tickets.ts');
    const { handler: holders } = await import('../../functions/delivery/handlers/http-holders.ts');
    const { handler: gates } = await import('../../functions/access/handlers/http-scan.ts');
    return new HoldersWorld(db, parameters, [tickets, holders, gates], type);
  }

  async close(): Promise<void> {
    this.bucket.close();
    await this.#parameters.close();
    await this.db.drop();
  }

  /** Somebody with an account of theirs. */
  person(): Promise<TestPerson> {
    return signIn(this.db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { roles: ['customer'] });
  }

  /** Somebody whose account is there already. */
  personWith(userId: string): Promise<TestPerson> {
    return signIn(this.db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId, roles: ['customer'] });
  }

  gatekeeper(): Promise<TestPerson> {
    const { organizationId } = this.type;
    return signIn(this.db.table, USERS_ENV.SESSION_KEYS_PARAMETER, {
      roles: ['customer', 'staff'],
      memberships: [{ organizationId, post: 'gate' }],
    });
  }

  /** Puts the event of the ticket type, with whatever is told of it. @param at when that was */
  async putEvent(as: Readonly<Record<string, string | number>> = {}, at: number = this.now): Promise<void> {
    const { eventId, organizationId, eventStartsAt, timeZone, eventTitle } = this.type;
    const event = {
      eventId,
      organizationId,
      createdBy: organizationId,
      title: eventTitle,
      description: '',
      category: 'music',
      startsAt: eventStartsAt,
      timeZone,
      ticketTypes: [],
      status: 'PUBLISHED',
      createdAt: this.now,
      requestHash: 'test',
      ...as,
    };
    const cause = { event: 'catalog.EventPublished.v1', now: at, correlationId: 'test', by: 'system' };
    await commit(this.db.table, [begin(eventKey(eventId), event, cause, mustHold('fixture'))]);
  }

  /** A paid order with its tickets, in its buyer's list as the relay would put it. */
  async bought(buyer: TestPerson, quantity = 1, type = this.type, names: readonly string[] = []): Promise<Order> {
    const order = await placePaidOrder(this.db.table, this.now, {
      lines: [{ type, quantity }],
      customerId: buyer.userId,
    });
    if (names.length > 0) await this.#name(order, names);
    await issueTickets(this.db.table, order.orderId, { now: this.now, correlationId: 'test', by: 'system' });
    await commit(this.db.table, [listForCustomer(order)]);
    return order;
  }

  async #name({ orderId, customerId, expiresAt }: Order, named: readonly string[]): Promise<void> {
    const person = await personalDataIn(this.db.table, USERS_ENV).person(customerId);
    const names = new Map(named.map((name, index) => [index + 1, name]));
    const kept = { names, asked: 'test', expiresAt };
    await commit(this.db.table, [await putAttendees(person, orderId, kept, mustHold('fixture'))]);
  }

  /** A ticket of somebody. */
  async ticketOf(buyer: TestPerson, type = this.type): Promise<string> {
    return ticketIdOf((await this.bought(buyer, 1, type)).orderId, '1', 0);
  }

  async show(as: TestPerson, ticketId: string): Promise<TicketView> {
    const route = 'GET /api/tickets/{ticketId}';
    const answer = await call(this.tickets, { route, token: as.accessToken, params: { ticketId } });
    return z.parse(ticketView, answer.json);
  }

  /** All tickets of somebody's list, page by page. */
  async list(as: TestPerson): Promise<readonly TicketView[]> {
    const all: TicketView[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '3', ...(cursor === null ? {} : { cursor }) };
      const answer = await call(this.tickets, { route: 'GET /api/tickets', token: as.accessToken, query });
      const page = z.parse(z.object({ items: z.array(ticketView), nextCursor: z.nullable(z.string()) }), answer.json);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  }

  /** Sets attributes of a ticket's row, whatever they are. */
  async set(ticketId: string, changes: Attributes): Promise<void> {
    const otherwise = mustHold('fixture');
    await commit(this.db.table, [{ kind: 'update', key: ticketKey(ticketId), set: changes, otherwise }]);
  }

  /** Asks the holders' function. */
  ask(
    as: TestPerson | undefined,
    route: string,
    params: Readonly<Record<string, string>> = {},
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<TestAnswer> {
    return call(this.holders, {
      route,
      params,
      headers,
      ...(as === undefined ? {} : { token: as.accessToken }),
      ...(body === undefined ? {} : { body }),
    });
  }

  async scan(gate: TestPerson, qr: string | null): Promise<Readonly<Record<string, unknown>>> {
    const route = 'POST /api/tickets/validate';
    return (await call(this.gates, { route, token: gate.accessToken, body: { qr } })).json;
  }
}
