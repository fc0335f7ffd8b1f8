import type { Instant } from '../../shared/kernel/clock.ts';
import type { EventDetails, TicketType } from './event.ts';

/** When tickets of a type can be bought: from `opensAt` until just before `closesAt`. */
export interface SaleWindow {
  readonly opensAt: Instant;
  readonly closesAt: Instant;
}

/**
 * The sale window of a type. Without times of its own a sale runs from publishing until the event starts.
 *
 * @param publishedAt when the event was or is being published
 */
export function saleWindow(
  type: Pick<TicketType, 'saleStartsAt' | 'saleEndsAt'>,
  event: Pick<EventDetails, 'startsAt'>,
  publishedAt: Instant,
): SaleWindow {
  return { opensAt: type.saleStartsAt ?? publishedAt, closesAt: type.saleEndsAt ?? event.startsAt };
}
