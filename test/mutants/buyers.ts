import { expect } from 'vitest';

import type { Take } from '../../functions/inventory/contract.ts';
import type { Gap } from '../../functions/inventory/domain/singles.ts';
import { blockKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import {
  countAgainstLimit,
  giveBackToBlock,
  returnToLimit,
  takeAgainFromBlock,
  takeFromBlock,
  whileOptingOut,
} from '../../functions/inventory/writes.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { House, NOW, refused, rows } from './house.ts';

/** What a buyer's write must refuse, and what it must take; each a case that fails once its condition is forgotten. */
export type Cases = Readonly<Record<string, () => Promise<void>>>;

async function take(house: House, wanted: Take, now = NOW, gaps: readonly Gap[] = []): Promise<'DONE' | 'REFUSED'> {
  return house.commit([takeFromBlock({ poolId: house.poolId, take: wanted }, { now, windows: [0], gaps }, refused)]);
}

const seats = (...ids: readonly string[]): Take => ({ block: 0, quantity: ids.length, seats: [...ids] });

export const BUYERS: Cases = {
  'no more tickets than are free': async () => {
    const house = await new House().open(3);
    expect(await take(house, { block: 0, quantity: 4 })).toBe('REFUSED');
    expect(await take(house, { block: 0, quantity: 3 })).toBe('DONE');
    expect(await take(house, { block: 0, quantity: 1 })).toBe('REFUSED');
  },
  'not before the sale opens, nor from its end on': async () => {
    const house = await new House().open(3);
    // A sale that is open when it is prepared keeps 0 as its beginning.
    await house.plant(blockKey(house.poolId, 0), { free: 3, size: 3, opensAt: NOW - HOUR, closesAt: NOW + HOUR });
    expect(await take(house, { block: 0, quantity: 1 }, NOW - HOUR - 1)).toBe('REFUSED');
    expect(await take(house, { block: 0, quantity: 1 }, NOW + HOUR)).toBe('REFUSED');
    expect(await take(house, { block: 0, quantity: 1 }, NOW - HOUR)).toBe('DONE');
  },
  'no seat that somebody has': async () => {
    const house = await new House().open(rows(1));
    expect(await take(house, seats('1-2'))).toBe('DONE');
    expect(await take(house, seats('1-1', '1-2'))).toBe('REFUSED');
    expect(await take(house, seats('1-1'))).toBe('DONE');
  },
  'no seat beside which a single one stays': async () => {
    const house = await new House().open(rows(1));
    const alone: Gap = { seatId: '1-1', beyond: undefined };
    const beside: Gap = { seatId: '1-2', beyond: '1-1' };
    expect(await take(house, seats('1-2', '1-3'), NOW, [alone])).toBe('REFUSED');
    expect(await take(house, seats('1-3'), NOW, [beside]), 'two stay beside each other').toBe('DONE');
    expect(await take(house, seats('1-2'), NOW, [alone])).toBe('REFUSED');
    expect(
      await take(house, seats('1-1'), NOW, [{ seatId: '1-3', beyond: undefined }]),
      'nothing free is left there',
    ).toBe('DONE');
    expect(await take(house, seats('1-2'), NOW, [{ seatId: '1-3', beyond: '1-1' }])).toBe('DONE');
    await house.plant(blockKey(house.poolId, 0), {
      free: new Set(['1-2', '1-3']),
      size: 3,
      closesAt: NOW + HOUR,
      opensAt: 0,
    });
    expect(await take(house, seats('1-3'), NOW, [beside]), 'the one beyond is gone').toBe('REFUSED');
  },
  'nothing for late money once the sale was stopped': async () => {
    const house = await new House().open(3);
    const again = () =>
      house.commit([takeAgainFromBlock({ poolId: house.poolId, take: { block: 0, quantity: 1 } }, NOW, refused)]);
    expect(await again()).toBe('DONE');
    await house.plant(blockKey(house.poolId, 0), { free: 2, size: 3, opensAt: 0, closesAt: 0 });
    expect(await again()).toBe('REFUSED');
  },
  'nothing is given back to a block that is not there': async () => {
    const house = await new House().open(3);
    for (const back of [
      { block: 7, quantity: 1 },
      { ...seats('1-1'), block: 7 },
    ]) {
      const write = giveBackToBlock({ poolId: house.poolId, take: back }, NOW);
      await expect(house.commit([write])).rejects.toThrow('always holds');
      expect(house.row(blockKey(house.poolId, 7))).toBeUndefined();
    }
  },
  'a ticket is given back in full only if it was held before its event moved, and only for a while': async () => {
    const house = await new House().open(3);
    const ticketTypeId = house.types[0]?.ticketTypeId ?? '';
    const key = ticketTypeKey(ticketTypeId);
    const optOut = (heldAt: number, now: number) => house.commit([whileOptingOut(ticketTypeId, heldAt, now, refused)]);
    expect(await optOut(NOW, NOW), 'the event was not moved').toBe('REFUSED');
    await house.plant(key, { ...house.row(key), optOutHeldBefore: NOW, optOutUntil: NOW + HOUR });
    expect(await optOut(NOW - 1, NOW)).toBe('DONE');
    expect(await optOut(NOW, NOW), 'held after it').toBe('REFUSED');
    expect(await optOut(NOW - 1, NOW + HOUR), 'too late').toBe('REFUSED');
  },
  'a person within the limit, from the first ticket on': async () => {
    const house = new House();
    const count = (quantity: number) => house.commit([countAgainstLimit('T', 'somebody', quantity, 4, refused)]);
    expect(await count(3)).toBe('DONE');
    expect(await count(2)).toBe('REFUSED');
    expect(await count(1)).toBe('DONE');
    expect(await count(1)).toBe('REFUSED');
  },
  'no more is returned to a limit than was counted': async () => {
    const house = new House();
    expect(await house.commit([countAgainstLimit('T', 'somebody', 2, 4, refused)])).toBe('DONE');
    await expect(house.commit([returnToLimit('T', 'somebody', 3)])).rejects.toThrow('always holds');
    expect(await house.commit([returnToLimit('T', 'somebody', 2)])).toBe('DONE');
  },
};
