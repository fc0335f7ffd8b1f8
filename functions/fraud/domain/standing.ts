import * as z from 'zod/mini';

import { DAY, HOUR, type Instant } from '../../shared/kernel/clock.ts';
import { fact, type Fact, type Scrutiny, type ScrutinyReason, type Standing } from '../contract.ts';

const standingRow = z.object({ facts: z.array(fact), rev: z.int() });

/** What is known against a buyer, as its row keeps it. */
export type StandingRow = z.infer<typeof standingRow>;

/** Reads a row. */
export function parseStanding(item: unknown): StandingRow {
  return z.parse(standingRow, item);
}

/** No fact counts for longer than this. */
export const KEPT_MS = DAY;
/** Facts in a row: more than any threshold asks for, and few enough for a row of some kilobytes. */
const MOST_FACTS = 60;

interface Signal {
  readonly reason: ScrutinyReason;
  /** Which facts are counted, and how young they must be. */
  readonly of: readonly Fact['kind'][];
  readonly withinMs: number;
  /** Cards are counted each once; all else fact by fact. */
  readonly each?: 'card';
  /** So many, and more, ask for a challenge or a review. */
  readonly challenge: number;
  readonly review: number;
}

/**
 * The thresholds, all of them (ADR 60). They speak of one buyer, never of a network, so that a crowd behind one address
 * is nobody's fault; and of failures and excess, never of a first purchase however quick.
 */
export const SIGNALS: readonly Signal[] = [
  // People have two cards that fail, or three; who tests stolen ones has dozens.
  { reason: 'CARDS', of: ['DECLINED'], withinMs: DAY, each: 'card', challenge: 3, review: 6 },
  // The same card over and over: guesses at its code or date.
  { reason: 'DECLINES', of: ['DECLINED'], withinMs: HOUR, challenge: 5, review: 15 },
  // Ordered, kept from others for ten minutes, and let go.
  { reason: 'LAPSED', of: ['LAPSED'], withinMs: DAY, challenge: 6, review: 15 },
  // Each of these is an order beyond ORDERS_AN_HOUR.
  { reason: 'RAPID', of: ['RAPID'], withinMs: HOUR, challenge: 1, review: 20 },
  // The provider refuses what it takes for certain; what it only doubts tells of the next payment.
  { reason: 'PROVIDER_RISK', of: ['ELEVATED', 'HIGHEST'], withinMs: DAY, challenge: 1, review: 3 },
  { reason: 'PROVIDER_RISK', of: ['HIGHEST'], withinMs: DAY, challenge: 1, review: 1 },
  // Somebody shows a ticket twice, or an old print; who sells copies has as many at the gate as buyers.
  { reason: 'SHARED_CODES', of: ['SHARED'], withinMs: DAY, challenge: 4, review: 10 },
];

const NOTHING: Standing = { scrutiny: 'ALLOW', reasons: [] };

/** How a buyer stands at `now` by what is known; a pure function of the facts. */
export function standingBy(facts: readonly Fact[], now: Instant): Standing {
  const found = SIGNALS.map((signal) => ({ ...signal, count: countOf(signal, facts, now) }));
  const reasonsFrom = (least: 'challenge' | 'review'): readonly ScrutinyReason[] => [
    ...new Set(found.flatMap((signal) => (signal.count >= signal[least] ? signal.reason : []))),
  ];
  const grave = reasonsFrom('review');
  if (grave.length > 0) return standing('REVIEW', grave);
  const light = reasonsFrom('challenge');
  return light.length > 0 ? standing('CHALLENGE', light) : NOTHING;
}

function standing(scrutiny: Scrutiny, reasons: readonly ScrutinyReason[]): Standing {
  return { scrutiny, reasons };
}

function countOf({ of, withinMs, each }: Signal, facts: readonly Fact[], now: Instant): number {
  const counted = facts.filter(({ kind, at }) => of.includes(kind) && at > now - withinMs);
  return each === 'card' ? new Set(counted.map(({ card, id }) => card ?? id)).size : counted.length;
}

/**
 * The facts with what is new among `told`, the oldest left out first; undefined where all of it is known, so that what
 * comes twice counts once.
 */
export function withFacts(known: readonly Fact[], told: readonly Fact[], now: Instant): readonly Fact[] | undefined {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = told.filter(({ id, at }) => !ids.has(id) && at > now - KEPT_MS);
  if (fresh.length === 0) return undefined;
  const kept = known.filter(({ at }) => at > now - KEPT_MS);
  return [...kept, ...new Map(fresh.map((each) => [each.id, each])).values()]
    .toSorted((one, other) => one.at - other.at)
    .slice(-MOST_FACTS);
}
