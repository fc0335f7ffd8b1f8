import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { colorsOf } from '../domain/colors.ts';
import { statusOf } from '../domain/seat-status.ts';
import type { SeatsSnapshot } from '../domain/seats-view.ts';
import { supplyOf } from '../domain/supply.ts';
import type { PlanSupply } from '../contract.ts';
import type { SeatSources } from '../ports.ts';
import { planNotFound } from './show-plan.ts';

/** A snapshot serves everybody for so long; with what CloudFront keeps, an answer is 3 s old at most. */
const FRESH_MS = 1_000;
/** Events whose seats are kept at a time. */
const EVENTS_KEPT = 20;
/** Plans kept at a time: one of 100,000 seats takes some 60 MB as objects. */
const PLANS_KEPT = 4;

type Snapshot = Promise<Result<SeatsSnapshot, Problem>>;
type Drawn = Pick<SeatsSnapshot, 'supply' | 'colors'>;

/**
 * Shows the seats of events. Everybody sees the same, so requests at once share one read, and a plan, which
 * never changes, is read once.
 */
export class SeatsDisplay {
  readonly #sources: SeatSources;
  readonly #snapshots = new Map<string, { readonly at: Instant; readonly snapshot: Snapshot }>();
  readonly #plans = new Map<string, Drawn>();

  constructor(sources: SeatSources) {
    this.#sources = sources;
  }

  /** The seats of an event as they are now, or were a second ago. */
  async show(eventId: string, now: Instant): Snapshot {
    const kept = this.#snapshots.get(eventId);
    if (kept !== undefined && now - kept.at < FRESH_MS) return kept.snapshot;
    const snapshot = this.#read(eventId, now);
    keep(this.#snapshots, eventId, { at: now, snapshot }, EVENTS_KEPT);
    // What failed is nobody else's answer.
    snapshot.catch(() => this.#snapshots.delete(eventId));
    return snapshot;
  }

  async #read(eventId: string, now: Instant): Snapshot {
    const event = await this.#sources.findEvent(eventId, now);
    if (event === undefined) return err(problem('EVENT_NOT_FOUND', 'There is no such event.'));
    const drawn = event.planId === undefined ? undefined : await this.#drawn(event.planId);
    if (drawn === undefined) return err(planNotFound());
    const [stock, sold] = await Promise.all([this.#sources.findStock(event), this.#sources.findSold(eventId)]);
    const rows = statusOf(drawn.supply, stock, sold);
    const version = rows.reduce((latest, { touched }) => Math.max(latest, touched), event.changedAt);
    return ok({ ...drawn, rows, pricing: event.pricing, version });
  }

  async #drawn(planId: string): Promise<Drawn | undefined> {
    const known = this.#plans.get(planId);
    if (known !== undefined) return known;
    const stored = await this.#sources.findPlan(planId);
    if (stored === undefined) return undefined;
    const supply: PlanSupply = { planId, venueId: stored.venueId, ...supplyOf(stored.plan) };
    const drawn = { supply, colors: colorsOf(stored.plan) };
    keep(this.#plans, planId, drawn, PLANS_KEPT);
    return drawn;
  }
}

/** Keeps `value`, and drops what was kept first when there are more than `most`. */
function keep<V>(kept: Map<string, V>, key: string, value: V, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
