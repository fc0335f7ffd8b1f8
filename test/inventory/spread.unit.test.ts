import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  addTickets,
  blockTickets,
  evenOut,
  freeIn,
  gatherUp,
  MOST_SPREAD,
  removeTickets,
  spreadFor,
  spreadOf,
  unblockTickets,
  type BlockChange,
  type CountedBlock,
} from '../../functions/inventory/domain/spread.ts';

const states = fc
  .array(fc.record({ free: fc.integer({ min: 0, max: 50 }), blocked: fc.integer({ min: 0, max: 5 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((rows) => rows.map((row, block) => ({ ...row, block })));
const count = fc.integer({ min: 1, max: 300 });
const most = fc.integer({ min: 2, max: 40 });

/** The blocks as `changes` leave them; a block that would owe tickets, or be changed twice, fails the test. */
function after(before: readonly CountedBlock[], changes: readonly BlockChange[]): readonly CountedBlock[] {
  expect(new Set(changes.map(({ block }) => block)).size).toBe(changes.length);
  for (const { size, free, blocked } of changes) {
    expect(size, 'what a block gains or loses is in it').toBe(free + blocked);
    expect([size, free, blocked].some((by) => by !== 0)).toBe(true);
  }
  return before.map((state) => {
    const { free = 0, blocked = 0 } = changes.find(({ block }) => block === state.block) ?? {};
    const next = { ...state, free: state.free + free, blocked: state.blocked + blocked };
    expect(Math.min(next.free, next.blocked)).toBeGreaterThanOrEqual(0);
    return next;
  });
}

const blockedIn = (blocks: readonly CountedBlock[]): number => blocks.reduce((sum, { blocked }) => sum + blocked, 0);

/** What is free and what is blocked after `changes`. */
function sums(before: readonly CountedBlock[], changes: readonly BlockChange[] | undefined): unknown {
  if (changes === undefined) return undefined;
  const next = after(before, changes);
  return [freeIn(next), blockedIn(next)];
}

describe('changes of stock, whatever lies where', () => {
  it('add exactly so many, to those blocks that have least, and none of those ends above the others', () => {
    fc.assert(
      fc.property(states, count, most, (before, more, blocks) => {
        const next = after(before, addTickets(before, more, blocks));
        expect(freeIn(next)).toBe(freeIn(before) + more);
        const raised = next.filter(({ block, free }) => free !== before[block]?.free).map(({ free }) => free);
        expect(raised.length).toBeLessThanOrEqual(blocks);
        expect(Math.max(...raised) - Math.min(...raised)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('take exactly so many away, block them or give them back, or say that there are not as many', () => {
    fc.assert(
      fc.property(states, count, (before, some) => {
        const [free, blocked] = [freeIn(before), blockedIn(before)];
        expect(sums(before, removeTickets(before, some))).toEqual(free < some ? undefined : [free - some, blocked]);
        expect(sums(before, blockTickets(before, some))).toEqual(
          free < some ? undefined : [free - some, blocked + some],
        );
        expect(sums(before, unblockTickets(before, some))).toEqual(
          blocked < some ? undefined : [free + some, blocked - some],
        );
      }),
    );
  });

  it('even out in steps that lose nothing, each of few blocks, until blocks differ by little', () => {
    fc.assert(
      fc.property(states, most, (before, blocks) => {
        let now: readonly CountedBlock[] = before;
        let changes = evenOut(now, blocks);
        for (let step = 0; changes.length > 0; step += 1) {
          expect(step, 'each step settles one block at least').toBeLessThan(before.length);
          expect(changes.length).toBeLessThanOrEqual(blocks);
          now = after(now, changes);
          changes = evenOut(now, blocks);
        }
        expect(freeIn(now)).toBe(freeIn(before));
        const share = Math.floor(freeIn(now) / now.length);
        const [least, highest] = [Math.min(...now.map(({ free }) => free)), Math.max(...now.map(({ free }) => free))];
        // Either nobody is short of a share, or nobody has more than it to give.
        expect(least >= share - Math.floor(share / 10) || highest <= share + Math.floor(share / 10)).toBe(true);
      }),
    );
  });

  it('gather up into one block, as many as a step can change', () => {
    fc.assert(
      fc.property(states, most, (before, blocks) => {
        const next = after(before, gatherUp(before, blocks));
        expect(freeIn(next)).toBe(freeIn(before));
        const [lying, left] = [before, next].map((each) => each.filter(({ free }) => free > 0).length);
        expect(left).toBe(Math.max(Math.min(1, lying ?? 0), (lying ?? 0) - (blocks - 1)));
      }),
    );
  });
});

it('a sale gets blocks by its pace and its size, and never fewer than it has', () => {
  expect([1, 7, 107, 1_000_000].map((pace) => spreadFor(pace, 1))).toEqual([1, 2, 17, MOST_SPREAD]);
  expect(spreadFor(10, 16)).toBe(16);
  expect([spreadOf(900, 1), spreadOf(5_500, 2), spreadOf(10, 40)]).toEqual([1, 6, 40]);
});
