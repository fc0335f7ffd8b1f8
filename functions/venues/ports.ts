import type { Instant } from '../shared/kernel/clock.ts';
import type { RowSold, RowStock } from './domain/seat-status.ts';
import type { Pricing } from './domain/seats-view.ts';
import type { StoredPlan } from './reads.ts';

/** An event as far as its seats go. */
export interface SeatedEvent {
  readonly eventId: string;
  /** The plan that it was published with; absent for an event without seats. */
  readonly planId: string | undefined;
  /** What its ticket types that anybody may see ask for each category. */
  readonly pricing: readonly Pricing[];
  /** All ticket types that sell seats, hidden ones included, with the category of each. */
  readonly seated: readonly { readonly ticketTypeId: string; readonly category: string }[];
  /** When its row was last changed. */
  readonly changedAt: Instant;
}

/** Where the seats of an event are read from: catalogue, stock, plans and marks of sales. */
export interface SeatSources {
  /** An event that everybody may see with its prices at `now`, or undefined. */
  findEvent(eventId: string, now: Instant): Promise<SeatedEvent | undefined>;
  findPlan(planId: string): Promise<StoredPlan | undefined>;
  /** What the stock says of each row, from its blocks. */
  findStock(event: SeatedEvent): Promise<readonly RowStock[]>;
  findSold(eventId: string): Promise<readonly RowSold[]>;
}
