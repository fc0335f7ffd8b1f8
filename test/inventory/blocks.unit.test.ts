import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { blockCount, blockSizes, gather, probeOrder } from '../../functions/inventory/domain/blocks.ts';
import { LARGEST_QUANTITY } from '../../functions/inventory/contract.ts';

const quantity = fc.integer({ min: 1, max: LARGEST_QUANTITY });
const states = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 16 })
  .map((frees) => frees.map((free, block) => ({ block, free })));

describe('blocks of a ticket type', () => {
  it('sizes add up to the capacity and differ by one at most, whatever the capacity', () => {
    fc.assert(
      fc.property(quantity, (capacity) => {
        const sizes = blockSizes(capacity, blockCount(capacity));
        expect(sizes.reduce((total, size) => total + size, 0)).toBe(capacity);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [16_000, 16],
    [LARGEST_QUANTITY, 16],
  ])('%i tickets lie in %i blocks', (capacity, blocks) => {
    expect(blockCount(capacity)).toBe(blocks);
  });

  it('a buyer probes every block exactly once, and buyers start all over the ring', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 16 }), (seed, blocks) => {
        expect(probeOrder(seed, blocks).toSorted((left, right) => left - right)).toEqual(
          Array.from({ length: blocks }, (_unused, index) => index),
        );
      }),
    );
    const starts = Array.from({ length: 1_600 }, (_unused, buyer) => probeOrder(`buyer ${buyer}`, 16)[0]);
    for (let block = 0; block < 16; block += 1) {
      const share = starts.filter((start) => start === block).length;
      expect(share).toBeGreaterThan(50);
      expect(share).toBeLessThan(160);
    }
  });
});

describe('gathering the tail', () => {
  it('takes exactly what is asked for, from blocks that have it, in as few as possible', () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 60 }), fc.nat({ max: 16 }), (blocks, wanted, start) => {
        const takes = gather(blocks, wanted, start);
        const available = blocks.reduce((total, { free }) => total + free, 0);
        fc.pre(available >= wanted);
        expect(takes?.reduce((total, { quantity: part }) => total + part, 0)).toBe(wanted);
        const free = new Map(blocks.map((state) => [state.block, state.free]));
        expect(new Set(takes?.map(({ block }) => block)).size).toBe(takes?.length);
        for (const { block, quantity: part } of takes ?? []) {
          expect(part).toBeGreaterThan(0);
          expect(part).toBeLessThanOrEqual(free.get(block) ?? 0);
        }
        expect(takes?.length).toBe(
          fewest(
            blocks.map((state) => state.free),
            wanted,
          ),
        );
      }),
    );
  });

  it('sends buyers who look at the same moment to different blocks, so that they do not all meet in the fullest', () => {
    const blocks = Array.from({ length: 16 }, (_unused, block) => ({ block, free: block === 3 ? 40 : 6 }));
    const chosen = blocks.map(({ block: start }) => gather(blocks, 2, start)?.map(({ block }) => block));
    expect(chosen).toEqual(blocks.map(({ block }) => [block]));
    const few = blocks.map(({ block }) => ({ block, free: block < 4 ? 6 : 0 }));
    const left = Map.groupBy(blocks, ({ block: start }) => gather(few, 2, start)?.[0]?.block);
    expect(
      [...left.values()].map(({ length }) => length),
      'those left share the buyers of the empty ones',
    ).toEqual([4, 4, 4, 4]);
    // Where several blocks have to be emptied, equally full ones are taken from the buyer's own place on.
    expect(gather(blocks, 50, 9)?.map(({ block }) => block)).toEqual([3, 9, 10]);
  });

  it('finds the last tickets however they lie, so that nothing is stranded', () => {
    fc.assert(
      fc.property(states, (blocks) => {
        const available = blocks.reduce((total, { free }) => total + free, 0);
        fc.pre(available > 0);
        expect(gather(blocks, available)?.length).toBe(blocks.filter(({ free }) => free > 0).length);
        expect(gather(blocks, available + 1)).toBeUndefined();
      }),
    );
  });
});

/** How many blocks are needed at least, by trying the fullest first (an exchange argument shows that it is least). */
function fewest(frees: readonly number[], wanted: number): number {
  let [missing, blocks] = [wanted, 0];
  for (const free of frees.toSorted((left, right) => right - left)) {
    if (missing <= 0) break;
    missing -= free;
    blocks += 1;
  }
  return blocks;
}
