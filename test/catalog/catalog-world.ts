import { randomUUID } from 'node:crypto';
import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { createEvent } from '../../functions/catalog/organizer-routes.ts';
import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { acceptPlan } from '../../functions/venues/app/accept-plan.ts';
import { findVenue } from '../../functions/venues/reads.ts';
import { putVenue } from '../../functions/venues/writes.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { draftBody } from './drafts.ts';

const KEYS = '/onsale/test/session-keys';
const CURSOR_KEY = '/onsale/test/cursor-key';
const row = z.looseObject({ pk: z.string(), sk: z.string(), status: z.string(), ev: z.string(), ver: z.int() });
const OCCASION = { correlationId: 'test', by: 'system' };

/** An organizer with the routes of the catalogue, on a table of their own, and buyers who hold tickets. */
export class CatalogWorld {
  readonly db: TestTable;
  readonly organizationId: string;
  readonly #parameters: TestParameters;
  readonly #handler: HttpHandler;
  readonly #organizer: TestPerson;

  constructor(parts: {
    db: TestTable;
    organizationId: string;
    parameters: TestParameters;
    handler: HttpHandler;
    organizer: TestPerson;
  }) {
    this.db = parts.db;
    this.organizationId = parts.organizationId;
    this.#parameters = parts.parameters;
    this.#handler = parts.handler;
    this.#organizer = parts.organizer;
  }

  async close(): Promise<void> {
    await this.#parameters.close();
    await this.db.drop();
  }

  /** Sends a request as the organizer. */
  send(route: string, sent: Omit<Parameters<typeof call>[1], 'route'> = {}): Promise<TestAnswer> {
    return call(this.#handler, { route, token: this.#organizer.accessToken, ...sent });
  }

  /** Sends a request as nobody. */
  anonymously(route: string, sent: Omit<Parameters<typeof call>[1], 'route'> = {}): Promise<TestAnswer> {
    return call(this.#handler, { route, ...sent });
  }

  onEvent(eventId: string, what: string, body: unknown = {}, headers = {}): Promise<TestAnswer> {
    return this.send(`POST /api/events/{eventId}${what}`, { params: { eventId }, body, headers });
  }

  async draft(as: Partial<EventDraft> = {}): Promise<EventView> {
    const answer = await this.send('POST /api/events', { body: draftBody(as) });
    if (answer.status !== 201) throw new Error(answer.text);
    return createEvent.responses[201].parse(answer.json).event;
  }

  async published(as: Partial<EventDraft> = {}): Promise<EventView> {
    const answer = await this.onEvent((await this.draft(as)).id, '/publish');
    if (answer.status !== 200) throw new Error(answer.text);
    return eventView.parse(answer.json);
  }

  /** A venue of the organisation with a plan of that many rows of three seats, all of the category `Stalls`. */
  async hall(rows: number): Promise<string> {
    const details = { venueId: ulid(), organizationId: this.organizationId, createdBy: ulid(), createdAt: 0 };
    const venue = { ...details, name: 'Hall', timeZone: 'Europe/Berlin', status: 'ACTIVE', requestHash: '' } as const;
    const occasion = { now: Date.now(), ...OCCASION };
    await commit(this.db.table, [putVenue(venue, occasion, mustHold('a new id'))]);
    const row = await findVenue(this.db.table, venue.venueId);
    if (row === undefined) throw new Error('The venue is gone');
    const accepted = await acceptPlan(this.db.table, row, planOf(rows), occasion);
    if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
    return venue.venueId;
  }

  async rowOf(eventId: string): Promise<z.infer<typeof row>> {
    return row.parse((await this.db.items()).find(({ pk, sk }) => pk === `EVENT#${eventId}` && sk === 'EVENT'));
  }

  copiesOf({ ticketTypes }: EventView): Promise<ReadonlyMap<string, TicketTypeCopy>> {
    return findTicketTypes(
      this.db.table,
      ticketTypes.map(({ id }) => id),
      'strong',
    );
  }

  /** Holds a ticket, of types as the buyer has read them. @returns the id of the hold, or why there is none */
  async hold(
    ticketTypeId: string,
    types: ReadonlyMap<string, TicketTypeCopy>,
    now = Date.now(),
    accessCode?: string,
  ): Promise<string> {
    const orderId = ulid();
    const request = {
      orderId,
      customerId: ulid(),
      wishes: [{ ticketTypeId, quantity: 1 }],
      types,
      accessCode,
      retriable: false,
    };
    const held = await placeHold(this.db.table, request, { now, ...OCCASION });
    return held.ok ? orderId : held.error.code;
  }

  /** Gives a hold back. */
  async release(orderId: string): Promise<void> {
    const order = await findOrder(this.db.table, orderId);
    if (order === undefined) throw new Error('The hold is gone');
    await releaseHold(this.db.table, order, { now: Date.now(), ...OCCASION });
  }
}

function planOf(rows: number): object {
  return {
    name: 'Hall',
    categories: [{ name: 'Stalls', color: '#3a6ea5' }],
    size: { width: 200, height: 30 * rows + 60 },
    zones: [
      {
        name: 'Stalls',
        zone_id: 'stalls',
        uuid: randomUUID(),
        position: { x: 0, y: 0 },
        areas: [],
        rows: Array.from({ length: rows }, (_unused, row) => ({
          row_number: String(row + 1),
          row_number_position: 'both',
          uuid: randomUUID(),
          position: { x: 0, y: row * 30 },
          seats: [1, 2, 3].map((seat) => ({
            seat_guid: `${row + 1}-${seat}`,
            seat_number: String(seat),
            uuid: randomUUID(),
            position: { x: seat * 25, y: 0 },
            category: 'Stalls',
          })),
        })),
      },
    ],
  };
}

/** Starts such a world; the first of a file, since functions read their environment when they are loaded. */
export async function startCatalog(more: Readonly<Record<string, string>> = {}): Promise<CatalogWorld> {
  const db = await startTestTable();
  const parameters = await serveParameters({ [KEYS]: randomKeyRing(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, {
    CANCEL_EVENT_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:none',
    SESSION_KEYS_PARAMETER: KEYS,
    CURSOR_KEY_PARAMETER: CURSOR_KEY,
    ...more,
  });
  const organizationId = ulid();
  const organizer = await signInOrganizer(db.table, KEYS, organizationId);
  return new CatalogWorld({ db, organizationId, parameters, handler: await catalogHandlers(), organizer });
}

/** Status and problem code of an answer. */
export function codeOf({ status, json }: TestAnswer): readonly [number, unknown] {
  return [status, json['code']];
}

/** The first ticket type of an event. */
export function typeOf({ ticketTypes: [type] }: EventView): string {
  return type?.id ?? '';
}
