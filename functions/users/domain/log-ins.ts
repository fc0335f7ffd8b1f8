import * as z from 'zod/mini';

import { DAY, MINUTE, type Instant } from '../../shared/kernel/clock.ts';

/** So many wrong passwords in a row lock (seed 002 requirement 3). */
export const MOST_FAILURES = 3;
/** For how long, and within how long they count as being in a row. */
export const LOCK_MS = 15 * MINUTE;
/**
 * For how long the link in a lock's mail works. Until then no other mail is sent: whoever knows an address could
 * otherwise have its owner written to all day.
 */
export const UNLOCK_LINK_MS = DAY;
/** Devices and places that are remembered; more make the row dearer to write. */
const MOST_DEVICES = 6;
const MOST_PLACES = 5;

const counter = {
  /** Wrong passwords in a row. */
  failures: z.int(),
  failedAt: z.optional(z.int()),
  lockedUntil: z.optional(z.int()),
};
type Counter = z.infer<z.ZodMiniObject<typeof counter>>;

const device = z.object({
  /** Hash of the device's cookie. */
  id: z.string(),
  seenAt: z.int(),
  /** It has come back with its cookie: a program without a jar of cookies is a new device each time. */
  again: z.boolean(),
  ...counter,
});

const logInsRow = z.object({
  /** Revision, which the next write is conditioned on; 0 while there is no row. */
  rev: z.int(),
  /** Of whoever comes without a cookie that has logged in before. */
  ...counter,
  /** Names the lock in the mail that lifts it. */
  lockId: z.optional(z.string()),
  mailedAt: z.optional(z.int()),
  /** Devices that have logged in, each with a counter of its own (invariant I24). */
  devices: z.array(device),
  /** Keyed hashes of the networks and programs that log-ins came from: none of them is news to the owner. */
  places: z.array(z.string()),
});

/** What is known of the log-ins of one account, or of one address that has none. */
export type LogIns = z.infer<typeof logInsRow>;

/** Before anybody has tried. */
export const NO_LOG_INS: LogIns = { rev: 0, failures: 0, devices: [], places: [] };

/** Reads an item as the log-ins of an account. */
export function parseLogIns(item: unknown): LogIns {
  return z.parse(logInsRow, item);
}

/** From where somebody tries. */
export interface Origin {
  /** Hash of the device's cookie; of a new one where none came. */
  readonly deviceId: string;
  /** Keyed hash of network and program. */
  readonly placeId: string;
}

/** Until when whoever comes from `origin` is locked out, or undefined: a known device has its own lock. */
export function lockedUntil(state: LogIns, { deviceId }: Origin, now: Instant): Instant | undefined {
  const until = counterFor(state, deviceId).lockedUntil;
  return until !== undefined && until > now ? until : undefined;
}

function counterFor(state: LogIns, deviceId: string): Counter {
  return state.devices.find(({ id }) => id === deviceId) ?? state;
}

/** What a wrong password leads to. */
export interface Failed {
  readonly next: LogIns;
  /** Until when it locked whoever it came from. */
  readonly lockedUntil?: Instant;
  /** The owner is to be written to, with a link that names this lock. */
  readonly mailLockId?: string;
}

/**
 * Counts a wrong password.
 *
 * @param lockId what a lock is called if this makes one that the owner has not been written to about
 */
export function afterFailure(state: LogIns, { deviceId }: Origin, lockId: string, now: Instant): Failed {
  const before = counterFor(state, deviceId);
  const inARow = before.failedAt !== undefined && before.failedAt > now - LOCK_MS && before.lockedUntil === undefined;
  const failures = (inARow ? before.failures : 0) + 1;
  const locks = failures >= MOST_FAILURES;
  const after: Counter = { failures, failedAt: now, lockedUntil: locks ? now + LOCK_MS : undefined };
  const known = state.devices.some(({ id }) => id === deviceId);
  const counted: LogIns = known
    ? { ...state, devices: state.devices.map((each) => (each.id === deviceId ? { ...each, ...after } : each)) }
    : { ...state, ...after };
  const next = { ...counted, rev: state.rev + 1 };
  if (!locks) return { next };
  const isTold = state.mailedAt !== undefined && state.mailedAt > now - UNLOCK_LINK_MS;
  return isTold
    ? { next, lockedUntil: now + LOCK_MS }
    : { next: { ...next, lockId, mailedAt: now }, lockedUntil: now + LOCK_MS, mailLockId: lockId };
}

/**
 * Counts a right password: whoever knows it starts anew, and from where it came is known from then on.
 *
 * @param remembers whether the place and device are kept, which takes an account that one can sign in to
 * @returns also whether the owner is to be told of a device and a place that are both new
 */
export function afterSuccess(
  state: LogIns,
  { deviceId, placeId }: Origin,
  now: Instant,
  remembers: boolean,
): { readonly next: LogIns; readonly isNews: boolean } {
  const rev = state.rev + 1;
  const known = state.devices.find(({ id }) => id === deviceId);
  const fresh: Counter = { failures: 0, failedAt: undefined, lockedUntil: undefined };
  const general = known === undefined ? { ...state, ...fresh, rev } : { ...state, rev };
  if (!remembers) return { next: general, isNews: false };
  const seen = { id: deviceId, seenAt: now, again: known !== undefined, ...fresh };
  const others = state.devices.filter(({ id }) => id !== deviceId);
  const devices = [seen, ...others.toSorted(byWorth)].slice(0, MOST_DEVICES);
  const places = [placeId, ...state.places.filter((each) => each !== placeId)].slice(0, MOST_PLACES);
  const isNews = known === undefined && state.places.length > 0 && !state.places.includes(placeId);
  return { next: { ...general, devices, places }, isNews };
}

/** Devices that came back first, then the latest. */
function byWorth(left: LogIns['devices'][number], right: LogIns['devices'][number]): number {
  return Number(right.again) - Number(left.again) || right.seenAt - left.seenAt;
}

/** Lifts every lock of an account, or answers nothing where the link that named `lockId` is too old. */
export function unlocked(state: LogIns, lockId: string, now: Instant): LogIns | undefined {
  const { mailedAt = 0 } = state;
  return state.lockId === lockId && mailedAt > now - UNLOCK_LINK_MS ? withoutLocks(state) : undefined;
}

/** Lifts every lock of an account, as whoever has proven to be its owner may. */
export function withoutLocks(state: LogIns): LogIns {
  const fresh: Counter = { failures: 0, failedAt: undefined, lockedUntil: undefined };
  return {
    ...state,
    ...fresh,
    rev: state.rev + 1,
    devices: state.devices.map((each) => ({ ...each, ...fresh })),
  };
}
