import { describe, expect, it } from 'vitest';

import type { BuyerResult } from '../../scripts/demo/race.ts';
import { describeRace, judgeRace } from '../../scripts/demo/race-report.ts';

const sold = (orderId: string): BuyerResult => ({
  outcome: { kind: 'SOLD', orderId },
  took: { hold: 10, order: 20, pay: 5, confirm: 40 },
  toldToComeBack: 1,
});
const refused = (code: string): BuyerResult => ({
  outcome: { kind: 'REFUSED', code },
  took: { hold: 30 },
  toldToComeBack: 0,
});

describe('the verdict on a race', () => {
  it('is good when as many were sold as there were and the others told so', () => {
    const verdict = judgeRace([sold('a'), sold('b'), refused('SOLD_OUT'), refused('NOT_ENOUGH_TICKETS')], 2);
    expect(verdict).toEqual({ sold: 2, refused: { SOLD_OUT: 1, NOT_ENOUGH_TICKETS: 1 }, faults: [] });
  });

  it('is good when there were more tickets than buyers', () => {
    expect(judgeRace([sold('a')], 5).faults).toEqual([]);
  });

  it('names overselling, underselling, and refusals that are not about stock', () => {
    expect(judgeRace([sold('a'), sold('b')], 1).faults).toEqual([expect.stringContaining('OVERSOLD')]);
    expect(judgeRace([sold('a'), refused('SOLD_OUT')], 2).faults).toEqual([expect.stringContaining('UNDERSOLD')]);
    expect(judgeRace([sold('a'), refused('BUSY')], 1).faults).toEqual([expect.stringContaining('BUSY')]);
  });

  it('is told with what each step took', () => {
    const results = [sold('a'), refused('SOLD_OUT')];
    const lines = describeRace(results, judgeRace(results, 1), 1.25).join('\n');
    expect(lines).toMatch(/sold +1/);
    expect(lines).toMatch(/refused +1 +SOLD_OUT/);
    expect(lines).toMatch(/hold +2 +30 ms +30 ms +30 ms/);
    expect(lines).toMatch(/confirm +1 +40 ms/);
  });
});
