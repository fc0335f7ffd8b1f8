import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DAY, MINUTE } from '../../functions/shared/kernel/clock.ts';
import {
  afterFailure,
  afterSuccess,
  LOCK_MS,
  lockedUntil,
  NO_LOG_INS,
  unlocked,
  withoutLocks,
  type LogIns,
  type Origin,
} from '../../functions/users/domain/log-ins.ts';

const NOW = Date.UTC(2026, 5, 1);
const PHONE: Origin = { deviceId: 'phone', placeId: 'home' };
const STRANGER: Origin = { deviceId: 'stranger', placeId: 'elsewhere' };

const failing = (state: LogIns, origin: Origin, times: number, now = NOW): LogIns => {
  let next = state;
  for (let time = 1; time <= times; time += 1) ({ next } = afterFailure(next, origin, `lock-${time}`, now));
  return next;
};
const remembered = (origin: Origin = PHONE): LogIns => afterSuccess(NO_LOG_INS, origin, NOW, true).next;

describe('wrong passwords', () => {
  it('lock at the third in a row, for fifteen minutes, and the owner is written to once', () => {
    const second = failing(NO_LOG_INS, STRANGER, 2);
    expect(lockedUntil(second, STRANGER, NOW)).toBeUndefined();
    const third = afterFailure(second, STRANGER, 'lock', NOW);
    expect(third).toMatchObject({ lockedUntil: NOW + LOCK_MS, mailLockId: 'lock' });
    expect(lockedUntil(third.next, STRANGER, NOW + LOCK_MS - 1)).toBe(NOW + LOCK_MS);
    expect(lockedUntil(third.next, STRANGER, NOW + LOCK_MS)).toBeUndefined();
  });

  it('begin anew after a lock, after a quarter of an hour and after a right one', () => {
    const afterLock = failing(failing(NO_LOG_INS, STRANGER, 3), STRANGER, 2, NOW + LOCK_MS);
    expect(lockedUntil(afterLock, STRANGER, NOW + LOCK_MS)).toBeUndefined();
    const afterPause = failing(failing(NO_LOG_INS, STRANGER, 2), STRANGER, 2, NOW + LOCK_MS);
    expect(lockedUntil(afterPause, STRANGER, NOW + LOCK_MS)).toBeUndefined();
    const { next } = afterSuccess(failing(NO_LOG_INS, STRANGER, 2), STRANGER, NOW, false);
    expect(lockedUntil(failing(next, STRANGER, 2), STRANGER, NOW)).toBeUndefined();
  });

  it('from elsewhere lock no device out that has logged in before, and its own do not lock out others', () => {
    const attacked = failing(remembered(), STRANGER, 3);
    expect(lockedUntil(attacked, STRANGER, NOW)).toBe(NOW + LOCK_MS);
    expect(lockedUntil(attacked, PHONE, NOW)).toBeUndefined();
    const clumsy = failing(remembered(), PHONE, 3);
    expect(lockedUntil(clumsy, PHONE, NOW)).toBe(NOW + LOCK_MS);
    expect(lockedUntil(clumsy, STRANGER, NOW)).toBeUndefined();
  });

  it('a known device that signs in gives no new guesses to whoever guesses elsewhere', () => {
    const { next } = afterSuccess(failing(remembered(), STRANGER, 2), PHONE, NOW, true);
    expect(lockedUntil(failing(next, STRANGER, 1), STRANGER, NOW)).toBe(NOW + LOCK_MS);
  });

  it('lead to one mail a day, whose link works that long and lifts every lock', () => {
    const first = failing(NO_LOG_INS, STRANGER, 3);
    expect(first.lockId).toBe('lock-3');
    const later = NOW + LOCK_MS;
    const again = afterFailure(failing(first, STRANGER, 2, later), STRANGER, 'another', later);
    expect(again.lockedUntil).toBe(later + LOCK_MS);
    expect(again).not.toHaveProperty('mailLockId');
    const free = unlocked(again.next, 'lock-3', later);
    expect(free && lockedUntil(free, STRANGER, later)).toBeUndefined();
    expect(unlocked(again.next, 'another', later)).toBeUndefined();
    expect(unlocked(again.next, 'lock-3', NOW + DAY)).toBeUndefined();
    const nextDay = NOW + DAY;
    const third = afterFailure(failing(again.next, STRANGER, 2, nextDay), STRANGER, 'tomorrow', nextDay);
    expect(third.mailLockId).toBe('tomorrow');
  });

  it('are worth three for each quarter of an hour, however they and right ones from known devices are mixed', () => {
    const tries = fc.array(fc.record({ after: fc.nat(5 * MINUTE), known: fc.boolean() }), { maxLength: 60 });
    const bounded = fc.property(tries, (steps) => {
      let [state, now] = [remembered(), NOW];
      const guessed: number[] = [];
      for (const { after, known } of steps) {
        now += after;
        if (known) ({ next: state } = afterSuccess(state, PHONE, now, true));
        else if (lockedUntil(state, STRANGER, now) === undefined) {
          guessed.push(now);
          ({ next: state } = afterFailure(state, STRANGER, 'lock', now));
        }
      }
      // Between a guess and the third after it lies the lock that the third in a row made, or their not being in a row.
      return guessed.every((at, index) => (guessed[index + 3] ?? Number.POSITIVE_INFINITY) - at >= LOCK_MS);
    });
    expect(fc.check(bounded).counterexample).toBeNull();
  });
});

describe('a log-in from somewhere new', () => {
  it('is told to the owner when device and place are both new, but never the first of all', () => {
    expect(afterSuccess(NO_LOG_INS, PHONE, NOW, true).isNews).toBe(false);
    const state = remembered();
    expect(afterSuccess(state, STRANGER, NOW, true).isNews).toBe(true);
    expect(afterSuccess(state, { ...STRANGER, placeId: 'home' }, NOW, true).isNews).toBe(false);
    expect(afterSuccess(state, { ...PHONE, placeId: 'elsewhere' }, NOW, true).isNews).toBe(false);
    expect(afterSuccess(state, STRANGER, NOW, false)).toMatchObject({
      isNews: false,
      next: { devices: state.devices },
    });
  });

  it('pushes no device out that has come back, however often a program without cookies signs in', () => {
    let { next } = afterSuccess(remembered(), PHONE, NOW, true);
    for (let time = 1; time <= 50; time += 1) {
      const program = { deviceId: `program-${time}`, placeId: 'server' };
      ({ next } = afterSuccess(next, program, NOW + time * MINUTE, true));
    }
    expect(next.devices.map(({ id }) => id)).toContain('phone');
    expect(next.devices.length).toBeLessThanOrEqual(6);
    expect(next.places).toEqual(['server', 'home']);
  });
});

describe('the row of log-ins', () => {
  it('stays within the kilobyte that one write unit is for', () => {
    let state = NO_LOG_INS;
    for (let device = 0; device < 20; device += 1) {
      const origin = { deviceId: 'd'.repeat(21) + String(device % 10), placeId: 'p'.repeat(14) + String(device % 10) };
      ({ next: state } = afterSuccess(state, origin, NOW, true));
      ({ next: state } = afterFailure(state, origin, '01J00000000000000000000000', NOW));
    }
    expect(JSON.stringify(state).length).toBeLessThan(1_024 - 100);
  });

  it('keeps its devices when locks are lifted', () => {
    const free = withoutLocks(failing(failing(remembered(), PHONE, 3), STRANGER, 3));
    expect(lockedUntil(free, PHONE, NOW)).toBeUndefined();
    expect(lockedUntil(free, STRANGER, NOW)).toBeUndefined();
    expect(free.devices.map(({ id }) => id)).toEqual(['phone']);
  });
});
