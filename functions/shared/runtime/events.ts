import * as z from 'zod/mini';

import { toTimestamp } from '../kernel/clock.ts';
import type { Marked } from '../table/aggregate.ts';

/** What every integration event is wrapped in; `data` carries ids and figures, never personal data. */
export interface Envelope<Name extends string = string, Data = unknown> {
  /** Stable over redeliveries: the aggregate and the version of the change that raised it. */
  readonly id: string;
  readonly name: Name;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly aggregate: { readonly type: string; readonly id: string };
  readonly version: number;
  readonly data: Data;
}

/** An integration event: its versioned name, the shape of its data, and how a row yields that data. */
export interface EventDefinition<Name extends string = string, Schema extends z.ZodMiniType = z.ZodMiniType> {
  readonly name: Name;
  readonly data: Schema;
  /** When it is raised, for `docs/events.md`. */
  readonly raisedWhen: string;
}

/** Declares an event such as `orders.OrderPaid.v1`; see {@link EventDefinition}. */
export function defineEvent<const Name extends `${string}.${string}.v${number}`, Schema extends z.ZodMiniType>(
  name: Name,
  raisedWhen: string,
  data: Schema,
): EventDefinition<Name, Schema> {
  return { name, raisedWhen, data };
}

const envelope = z.object({
  id: z.string(),
  name: z.string(),
  occurredAt: z.string(),
  correlationId: z.string(),
  aggregate: z.object({ type: z.string(), id: z.string() }),
  version: z.int(),
  data: z.unknown(),
});

/** Reads a message's body as an envelope. @throws when it is none */
export function parseEnvelope(body: string): Envelope {
  return z.parse(envelope, JSON.parse(body));
}

/**
 * The envelope of the change that `row` carries. Its data are the row's members that the event declares,
 * so the payload is identical however often it is relayed (invariant I10).
 *
 * @throws when the row does not hold what the event declares
 */
export function envelopeOf(
  definition: EventDefinition,
  aggregate: { readonly type: string; readonly id: string },
  row: Marked,
): Envelope {
  return {
    id: `${aggregate.type}/${aggregate.id}/${row.ver}`,
    name: definition.name,
    occurredAt: toTimestamp(row.at),
    correlationId: row.cid,
    aggregate,
    version: row.ver,
    data: z.parse(definition.data, row),
  };
}
