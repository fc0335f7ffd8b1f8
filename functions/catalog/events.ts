import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

const ofEvent = { eventId: z.string(), organizationId: z.string() };

/** An event exists, as a draft. */
export const eventCreated = defineEvent(
  'catalog.EventCreated.v1',
  'an organizer creates an event',
  z.object({ ...ofEvent, createdBy: z.string() }),
);
/** An event is public and its tickets are on sale. */
export const eventPublished = defineEvent(
  'catalog.EventPublished.v1',
  'an organizer publishes a draft',
  z.object({
    ...ofEvent,
    startsAt: z.int(),
    timeZone: z.string(),
    ticketTypes: z.array(z.object({ ticketTypeId: z.string(), quantity: z.int() })),
  }),
);
/** An event of which nothing is sold or held is a draft again. */
export const eventUnpublished = defineEvent(
  'catalog.EventUnpublished.v1',
  'an organizer takes a published event back, nothing being held or sold',
  z.object(ofEvent),
);
/** Something that a holder must know has changed: seed 002's EVENT_UPDATED. */
export const eventUpdated = defineEvent(
  'catalog.EventUpdated.v1',
  'title, performers, place, age limit, cancellation policy, or where tickets of a type admit, change on a published event',
  z.object({ ...ofEvent, changed: z.array(z.string()) }),
);
/** Something has changed that no holder needs to know. */
export const eventEdited = defineEvent(
  'catalog.EventEdited.v1',
  'anything of a draft changes, or wording, category, tags, picture or gates of a published event',
  z.object({ ...ofEvent, changed: z.array(z.string()) }),
);
/** A published event takes place at another time. */
export const eventRescheduled = defineEvent(
  'catalog.EventRescheduled.v1',
  'an organizer moves a published event',
  z.object({
    ...ofEvent,
    startsAt: z.int(),
    endsAt: z.optional(z.int()),
    timeZone: z.string(),
    /** Its first start; absent where only its end or its zone has ever changed. */
    rescheduledFrom: z.optional(z.int()),
  }),
);
/** Sales have stopped; whoever has tickets is to get their money back. */
export const eventCancellationStarted = defineEvent(
  'catalog.EventCancellationStarted.v1',
  'an organizer cancels a published event',
  z.object({ ...ofEvent, cancellation: z.object({ cancellationId: z.string(), startedAt: z.int() }) }),
);
/** Somebody has tickets of a cancelled event: it ends when they are archived and paid back. */
export const eventRefundsBegun = defineEvent(
  'catalog.EventRefundsBegun.v1',
  'the workflow of a cancellation begins to give money back',
  z.object({ ...ofEvent, cancellation: z.object({ cancellationId: z.string() }) }),
);
/** No ticket of a cancelled event admits anybody any more; none will. */
export const eventTicketsArchived = defineEvent(
  'catalog.EventTicketsArchived.v1',
  'the rows say that no ticket of a cancelled event stands and no purchase of it is under way',
  z.object({ ...ofEvent, cancellation: z.object({ cancellationId: z.string(), ticketsArchivedAt: z.int() }) }),
);
/** Every payment for a cancelled event went back, or has an open case. */
export const eventPaymentsRefunded = defineEvent(
  'catalog.EventPaymentsRefunded.v1',
  'the provider took the refunds of a cancelled event; those that it refused have cases',
  z.object({ ...ofEvent, cancellation: z.object({ cancellationId: z.string(), paymentsRefundedAt: z.int() }) }),
);
/** How far the workflow of a cancellation is. */
export const cancellationProgressed = defineEvent(
  'catalog.CancellationProgressed.v1',
  'the workflow of a cancellation has dealt with a page of orders, pauses, or has counted',
  z.object({ cancellationId: z.string(), eventId: z.string(), phase: z.string() }),
);
/** A cancelled event has neither a live ticket nor a hold. */
export const eventCancelled = defineEvent(
  'catalog.EventCancelled.v1',
  'no ticket of a cancelled event is out any more',
  z.object({ ...ofEvent, cancellation: z.object({ cancellationId: z.string() }) }),
);
/** A published event is over. */
export const eventCompleted = defineEvent(
  'catalog.EventCompleted.v1',
  'a published event has ended',
  z.object(ofEvent),
);
/** An event is put away. */
export const eventArchived = defineEvent(
  'catalog.EventArchived.v1',
  'an organizer archives an event that is over, cancelled or a draft',
  z.object(ofEvent),
);
/** A draft is gone. */
export const eventDeleted = defineEvent('catalog.EventDeleted.v1', 'an organizer deletes a draft', z.object(ofEvent));
/** An event is shown among the featured ones, or no longer. */
export const eventFeatured = defineEvent(
  'catalog.EventFeatured.v1',
  'an admin features an event or takes that back',
  z.object({ ...ofEvent, featured: z.optional(z.boolean()) }),
);

const ofType = { ...ofEvent, changedType: z.string() };
const changed = z.optional(z.array(z.string()));
const price = z.object({ ticketTypeId: z.string(), unitPrice: z.int(), currency: z.string() });

/** An event has one ticket type more. */
export const ticketTypeAdded = defineEvent(
  'catalog.TicketTypeAdded.v1',
  'an organizer adds a ticket type',
  z.object(ofType),
);
/** A ticket type has changed, but not its price. */
export const ticketTypeChanged = defineEvent(
  'catalog.TicketTypeChanged.v1',
  'anything of a ticket type changes but its price, or on a published event where it admits: name, sale window, limit, codes',
  z.object({ ...ofType, changed }),
);
/** A ticket type costs something else for whoever holds tickets from now on. */
export const ticketTypePriceChanged = defineEvent(
  'catalog.TicketTypePriceChanged.v1',
  'the price of a ticket type changes; what is held keeps its price',
  z.object({ ...ofType, changed, ticketTypes: z.array(price) }),
);
/** A ticket type of which nothing was sold is gone. */
export const ticketTypeRemoved = defineEvent(
  'catalog.TicketTypeRemoved.v1',
  'an organizer deletes a ticket type of which nothing is held or sold',
  z.object(ofType),
);

const ofSeries = z.object({ seriesId: z.string(), organizationId: z.string() });

/** A series exists; its events follow. */
export const seriesCreated = defineEvent('catalog.SeriesCreated.v1', 'an organizer creates a series', ofSeries);
/** All dates of a series exist. */
export const seriesCompleted = defineEvent(
  'catalog.SeriesCompleted.v1',
  'an event has been made for each date of a series',
  ofSeries,
);
/** A series is edited; each date that follows it raises its own event. */
export const seriesEdited = defineEvent('catalog.SeriesEdited.v1', 'an organizer edits a series', ofSeries);

export const catalogEvents = [
  eventCreated,
  eventPublished,
  eventUnpublished,
  eventUpdated,
  eventEdited,
  eventRescheduled,
  eventCancellationStarted,
  eventRefundsBegun,
  eventTicketsArchived,
  eventPaymentsRefunded,
  cancellationProgressed,
  eventCancelled,
  eventCompleted,
  eventArchived,
  eventDeleted,
  eventFeatured,
  ticketTypeAdded,
  ticketTypeChanged,
  ticketTypePriceChanged,
  ticketTypeRemoved,
  seriesCreated,
  seriesCompleted,
  seriesEdited,
] as const;
