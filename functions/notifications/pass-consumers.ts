import * as z from 'zod/mini';

import { eventCancellationStarted } from '../catalog/events.ts';
import { tellPhones, type PassNewsDeps } from '../delivery/pass-news.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';

/** What is news for the phones that have passes, and for no mail: mails about it follow from something else. */
function newsAlone(deps: PassNewsDeps): readonly Consumer[] {
  return [consumerOf(eventCancellationStarted, ({ data: { eventId } }) => tellPhones(deps, { eventId }))];
}

/** Events that are mailed of and are news for phones as well: of one ticket, or of all of an event. */
const ALSO_MAILED = [
  'delivery.TicketReissued.v1',
  'delivery.TicketArchived.v1',
  'delivery.TicketTransferred.v1',
  'catalog.EventUpdated.v1',
  'catalog.EventRescheduled.v1',
] as const;

/**
 * As `consumers`, which have phones told before they mail: what stops a mail must not keep them from knowing. And those of what is
 * news for phones alone.
 */
export function tellingPhones(deps: PassNewsDeps, consumers: readonly Consumer[]): readonly Consumer[] {
  const telling = consumers.map((consumer): Consumer =>
    ALSO_MAILED.some((name) => name === consumer.name)
      ? {
          name: consumer.name,
          consume: async (envelope) => {
            const { eventId, ticketId } = z.parse(subject, envelope.data);
            await tellPhones(deps, ticketId === undefined ? { eventId } : { eventId, ticketId });
            await consumer.consume(envelope);
          },
        }
      : consumer,
  );
  return [...telling, ...newsAlone(deps)];
}

const subject = z.object({ eventId: z.string(), ticketId: z.optional(z.string()) });
