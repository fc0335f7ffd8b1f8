import { canonicalJson, shortHash } from '../shared/kernel/hash.ts';
import { logFault } from '../shared/runtime/log.ts';
import type { ObjectStore } from '../shared/runtime/object-store.ts';
import type { Ticket, TicketSheet } from './contract.ts';
import type { PrintFormat, PrintLanguage } from './holder-contract.ts';

/** Counts changes of how tickets are drawn: what was kept before is drawn anew. */
const LAYOUT = 2;
/** Where printed tickets lie in their bucket, which deletes them 30 days after they were drawn. */
const PREFIX = 'documents/';
/** A larger JPEG of an event's picture is not tried: a ticket may have 150 KB (`documents.ts`). */
const MOST_PICTURE_BYTES = 90_000;
/** Pixels: what is needed to print 18 cm with 90 dots an inch. */
const PICTURE_WIDTH = 640;

/** A way in which a ticket is printed. */
export interface Printed {
  readonly format: PrintFormat;
  readonly language: PrintLanguage;
}

/** The prefix of all that is kept of one ticket, of its holder now. */
function prefixOf({ customerId, ticketId }: Pick<Ticket, 'customerId' | 'ticketId'>): string {
  return `${prefixOfHolder(customerId)}${ticketId}/`;
}

function prefixOfHolder(customerId: string): string {
  return `${PREFIX}${customerId}/`;
}

function keyOf(ticket: Ticket, { format, language }: Printed): string {
  return `${prefixOf(ticket)}${ticket.ticketVersion}-${format}-${language}.pdf`;
}

/**
 * A printed ticket: as it was kept, if it still says the same, or else drawn and kept. Where the bucket does not answer, it
 * is drawn: nobody stands before a gate without a ticket for that.
 */
export async function keptDocument(
  store: ObjectStore,
  ticket: Ticket,
  printed: Printed,
  said: { readonly sheet: TicketSheet; readonly brand: { readonly name: string } },
  draw: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const key = keyOf(ticket, printed);
  const content = shortHash(canonicalJson({ ...said, layout: LAYOUT }));
  try {
    const kept = await store.readWhole(key);
    if (kept?.metadata['content'] === content) return kept.bytes;
  } catch (error) {
    logFault('DOCUMENT_NOT_KEPT', error, { ticketId: ticket.ticketId });
  }
  const bytes = await draw();
  try {
    await store.write(key, bytes, 'application/pdf', { content });
  } catch (error) {
    logFault('DOCUMENT_NOT_KEPT', error, { ticketId: ticket.ticketId });
  }
  return bytes;
}

/**
 * Removes what was printed of a ticket that has a new code or another holder, or was given up. It is served to nobody from the moment that
 * the row says so; what a crash or a failure, which is
 * logged and no more, leaves behind, the bucket deletes.
 */
export async function forgetDocuments(
  store: ObjectStore,
  ticket: Pick<Ticket, 'customerId' | 'ticketId'>,
): Promise<void> {
  try {
    await removeAll(store, prefixOf(ticket));
  } catch (error) {
    logFault('DOCUMENT_NOT_KEPT', error, { ticketId: ticket.ticketId });
  }
}

/** Removes all printed tickets of somebody who is erased. @throws when they cannot be removed now */
export function forgetDocumentsOf(store: ObjectStore, userId: string): Promise<void> {
  return removeAll(store, prefixOfHolder(userId));
}

/** Lists of a thousand that are emptied in one go: nobody has as many tickets. */
const LISTS = 20;

async function removeAll(store: ObjectStore, prefix: string): Promise<void> {
  for (let count = 0; count < LISTS; count += 1) {
    const keys = await store.list(prefix);
    if (keys.length === 0) return;
    await Promise.all(keys.map((key) => store.remove(key)));
  }
  throw new Error('More printed tickets than anybody has');
}

/** An event as far as its picture goes. */
interface Pictured {
  readonly image?: { readonly imageId: string; readonly widths: readonly number[] } | undefined;
}

/** Widths that pictures of events may be printed in, the largest first. */
export function widthsOf(events: Iterable<Pictured>): readonly number[] {
  const widths = new Set(Array.from(events).flatMap(({ image }) => image?.widths ?? []));
  return [...widths].filter((width) => width <= PICTURE_WIDTH).toSorted((left, right) => right - left);
}

/** The JPEG pictures of events that are small enough to be printed, by their ids, none of them wider than `widest`. */
export async function picturesOf(
  store: Pick<ObjectStore, 'read'>,
  events: Iterable<Pictured>,
  widest: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const event of events) {
    const { image } = event;
    if (image === undefined) continue;
    for (const width of widthsOf([event])) {
      if (width > widest) continue;
      const bytes = await store.read(`pictures/${image.imageId}/${width}.jpg`).catch(() => undefined);
      if (bytes === undefined || bytes.length > MOST_PICTURE_BYTES) continue;
      found.set(image.imageId, bytes);
      break;
    }
  }
  return found;
}
