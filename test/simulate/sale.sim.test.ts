import { describe, expect, it } from 'vitest';

import { crowd, USUAL_PARTIES } from '../../scripts/simulate/arrivals.ts';
import { Chance } from '../../scripts/simulate/random.ts';
import { makeReport } from '../../scripts/simulate/report.ts';
import { simulate } from '../../scripts/simulate/sale.ts';
import { SETTINGS, wholeDemand, type Settings } from '../../scripts/simulate/scenarios.ts';
import { summarise } from '../../scripts/simulate/summary.ts';
import { readTrace } from '../../scripts/simulate/trace.ts';

const SMALL: Settings = { ...SETTINGS, buyers: 350, tickets: 150, seconds: 0.5 };
const quiet = (): void => undefined;

describe('a simulated on-sale', () => {
  it.each([
    { blocks: 1, warmWrites: 100_000, concurrency: 3_000 },
    { blocks: 16, warmWrites: 4_000, concurrency: 3_000 },
    { blocks: 64, warmWrites: 100_000, concurrency: 40 },
    { blocks: 151, warmWrites: 100_000, concurrency: 3_000 },
  ])('loses no ticket and no buyer, and tells nobody wrongly: $blocks blocks', async (given) => {
    const { blocks, warmWrites, concurrency } = given;
    const arrivals = crowd(SMALL.buyers, SMALL.seconds, USUAL_PARTIES, new Chance(1, 'arrivals'));
    const sale = {
      ...SMALL,
      blocks,
      arrivals,
      dynamo: { ...SMALL.dynamo, warmWrites },
      crowd: { ...SMALL.crowd, concurrency },
    };
    const result = await simulate(sale);
    const summary = summarise(result, blocks);
    expect(summary.sold + summary.left).toBe(SMALL.tickets);
    expect(summary.holds + summary.toldSoldOut + summary.gaveUp).toBe(SMALL.buyers);
    expect(summary.toldWrongly).toBe(0);
    expect(summary.units).toBeGreaterThanOrEqual(4);
    expect(summary.fairness).toBeGreaterThan(0);
    expect(summary.fairness).toBeLessThanOrEqual(1);
    for (const { ending, at, endedAt } of result.stories) {
      expect(ending).toBeDefined();
      expect(endedAt).toBeGreaterThanOrEqual(at);
    }
  });

  it.each([1, 16, 64, 151])('strands nothing where exactly what there is is wanted: %i blocks', async (blocks) => {
    expect(await wholeDemand(SMALL, blocks)).toMatchObject({ sold: SMALL.tickets, left: 0, stranded: 0, gaveUp: 0 });
  });

  it('shows what it would find: a crowd meets in one hot block, and hardly in many', async () => {
    const { sections } = await makeReport({ settings: SMALL, blocks: [1, 64], only: 'unpaced' }, undefined, quiet);
    const [one, many] = sections[0]?.rows ?? [];
    expect(one?.summary.holdsPerSecond).toBeLessThan(80);
    expect(many?.summary.holdsPerSecond).toBeGreaterThan(250);
  });

  it('comes out the same twice, byte by byte, and otherwise with another seed', async () => {
    const report = (seed: number) =>
      makeReport({ settings: { ...SMALL, seed }, blocks: [4, 16], only: 'unpaced' }, undefined, quiet);
    const [once, again, other] = [await report(7), await report(7), await report(8)];
    expect(JSON.stringify(again)).toBe(JSON.stringify(once));
    expect(other.sections[0]?.lines).not.toEqual(once.sections[0]?.lines);
  });

  it('replays a trace', async () => {
    const trace = readTrace('at_ms,tickets\n0,2\n10,2\n20,2\n30,3\n');
    if (!trace.ok) throw new Error('A good trace');
    const { sections } = await makeReport(
      { settings: { ...SMALL, tickets: 7 }, blocks: [2], only: undefined },
      trace.arrivals,
      quiet,
    );
    expect(sections).toHaveLength(1);
    // Six of seven are held; the last party wants three.
    expect(sections[0]?.rows[0]?.summary).toMatchObject({ holds: 3, sold: 6, left: 1, stranded: 0, toldSoldOut: 1 });
  });
});
