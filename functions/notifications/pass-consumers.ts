import * as z from 'zod/mini';

import { eventCancellationStarted } from '../catalog/events.ts';
import { ticketArchived } from '../delivery/contract.ts';
import { forgetDocuments } from '../delivery/kept-documents.ts';
import { tellPhones, type PassNewsDeps } from '../delivery/pass-news.ts';
import type { ObjectStore } from '../shared/runtime/object-store.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';

/** What telling phones needs, and where printed tickets are kept. */
export type TellingDeps = PassNewsDeps & { readonly store: ObjectStore };

/** What is news for the phones that have passes, and for no mail: mails about it follow from something else. */
function newsAlone(deps: TellingDeps): readonly Consumer[] {
  return [consumerOf(eventCancellationStarted, ({ data: { eventId } }) => tellPhones(deps, { eventId }))];
}

/** Events that are mailed of and are news for phones as well: of one ticket, or of all of an event. */
const ALSO_MAILED = [
  'delivery.TicketReissued.v1',
  ticketArchived.name,
  'delivery.TicketTransferred.v1',
  'catalog.EventUpdated.v1',
  'catalog.EventRescheduled.v1',
] as const;

/**
 * As `consumers`, which have phones told before they mail, and what was printed of a ticket that is given up removed: what stops a
 * mail must not keep them from that. And those of what is news for phones alone.
 */
export function tellingPhones(deps: TellingDeps, consumers: readonly Consumer[]): readonly Consumer[] {
  const telling = consumers.map((consumer): Consumer =>
    ALSO_MAILED.some((name) => name === consumer.name)
      ? {
          name: consumer.name,
          consume: async (envelope) => {
            const { eventId, ticketId, customerId } = z.parse(subject, envelope.data);
            await tellPhones(deps, ticketId === undefined ? { eventId } : { eventId, ticketId });
            // Has its holder's name. Neither of the two throws: what stays behind, the bucket deletes in its time.
            if (consumer.name === ticketArchived.name && ticketId !== undefined && customerId !== undefined)
              await forgetDocuments(deps.store, { customerId, ticketId });
            await consumer.consume(envelope);
          },
        }
      : consumer,
  );
  return [...telling, ...newsAlone(deps)];
}

const subject = z.object({
  eventId: z.string(),
  ticketId: z.optional(z.string()),
  customerId: z.optional(z.string()),
});
