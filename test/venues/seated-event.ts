import { ulid } from 'ulid';

import type { EventDetails } from '../../functions/catalog/domain/event.ts';
import { planPublication } from '../../functions/catalog/domain/publication.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import { publish, putEvent } from '../../functions/catalog/writes.ts';
import { prepareStock } from '../../functions/inventory/operations.ts';
import { HOUR, type Instant } from '../../functions/shared/kernel/clock.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { PlanSupply } from '../../functions/venues/contract.ts';
import { importPlan } from '../../functions/venues/domain/import-plan.ts';
import { packPlan } from '../../functions/venues/packing.ts';
import { findSupply } from '../../functions/venues/reads.ts';
import { putPlanParts } from '../../functions/venues/writes.ts';

/** An event on sale with the seats of a plan. */
export interface SeatedEvent {
  readonly eventId: string;
  readonly planId: string;
  readonly supply: PlanSupply;
  /** The ticket type of a category. */
  readonly typeOf: (category: string) => string;
}

/** Publishes an event with one ticket type for each category of `plan` (pretix' JSON), on sale from `now`. */
export async function putSeatedEvent(
  table: Table,
  now: Instant,
  plan: unknown,
  as: Partial<EventDetails> = {},
  maxPerPerson?: number,
): Promise<SeatedEvent> {
  const { plan: imported, faults } = importPlan(plan);
  if (imported === undefined) throw new Error(`Importing a plan: ${JSON.stringify(faults)}`);
  const [eventId, planId, occasion] = [ulid(), ulid(), { now, correlationId: 'fixture', by: 'system' }];
  await putItems(table, putPlanParts(planId, ulid(), packPlan(imported)));
  const supply = await findSupply(table, planId);
  if (supply === undefined) throw new Error('A plan that was put is not there');
  const types = supply.categories.map(({ name, seats, standing }, index) => ({
    ticketTypeId: ulid(),
    name,
    unitPrice: 9_000 - index * 1_000,
    currency: 'EUR',
    quantity: seats + standing,
    seatCategory: name,
    ...(maxPerPerson === undefined ? {} : { maxPerPerson }),
  }));
  const draft: EventDetails = {
    eventId,
    organizationId: ulid(),
    createdBy: ulid(),
    title: 'Harbour Opera',
    description: '',
    category: 'opera',
    startsAt: now + 48 * HOUR,
    timeZone: 'Europe/Berlin',
    ticketTypes: types,
    status: 'DRAFT',
    createdAt: now,
    requestHash: 'fixture',
    ...as,
  };
  const failed = (): never => {
    throw new Error('A fixture met another');
  };
  await commit(table, [putEvent(draft, occasion, failed)]);
  const event = await findEvent(table, eventId);
  const pools = event === undefined ? undefined : planPublication(event, now, supply);
  if (event === undefined || pools?.ok !== true) throw new Error('The fixture cannot be published');
  const prepared = await prepareStock(table, pools.value, occasion);
  await commit(table, publish(event, { prepared, planId }, occasion, failed).writes);
  return {
    eventId,
    planId,
    supply,
    typeOf: (category) => types.find(({ name }) => name === category)?.ticketTypeId ?? '',
  };
}
