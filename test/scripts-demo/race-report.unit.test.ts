import { describe, expect, it } from 'vitest';

import { outcomeOfConfirm, settleRace, type BuyerResult, type SettledOutcome } from '../../scripts/demo/race.ts';
import { describeRace, judgeRace } from '../../scripts/demo/race-report.ts';

type Settled = BuyerResult<Exclude<SettledOutcome, { kind: 'WAITED' }>>;

const sold = (orderId: string): Settled => ({
  outcome: { kind: 'SOLD', orderId },
  took: { hold: 10, order: 20, pay: 5, confirm: 40 },
  toldToComeBack: 1,
});
const refused = (code: string): Settled => ({
  outcome: { kind: 'REFUSED', code },
  took: { hold: 30 },
  toldToComeBack: 0,
});
const unknown = (orderId: string, answer = '202'): BuyerResult => ({
  outcome: { kind: 'UNKNOWN', orderId, answer },
  took: { hold: 10, order: 20, pay: 5, confirm: 900 },
  toldToComeBack: 0,
});
const problem = (status: number, code: string) =>
  outcomeOfConfirm('a', { ok: false, status, retryAfter: 0, problem: { code, title: '', detail: '' } });
const answered = (status: number, orderStatus: string) =>
  outcomeOfConfirm('a', { ok: true, status, retryAfter: 0, body: { status: orderStatus } });

describe('the answer to a confirmation', () => {
  it('decides when it is 200 or a refusal', () => {
    expect(answered(200, 'PAID')).toEqual({ kind: 'SOLD', orderId: 'a' });
    expect(answered(200, 'FAILED')).toEqual({ kind: 'REFUSED', code: 'FAILED' });
    expect(problem(402, 'PAYMENT_FAILED')).toEqual({ kind: 'REFUSED', code: 'PAYMENT_FAILED' });
  });

  it('leaves the order open when it is 202, 429 or 5xx: the payment may count yet', () => {
    expect(answered(202, 'PENDING')).toEqual({ kind: 'UNKNOWN', orderId: 'a', answer: '202' });
    for (const status of [429, 500, 502, 503, 504])
      expect(problem(status, 'X')).toEqual({ kind: 'UNKNOWN', orderId: 'a', answer: `${status} X` });
  });
});

describe('orders that were left open', () => {
  const settle = (results: readonly BuyerResult[], status: string) => settleRace(results, async () => status);

  it('are read as their own buyer; nobody else is asked about', async () => {
    const asked: unknown[] = [];
    const settled = await settleRace([sold('a'), unknown('b'), refused('SOLD_OUT'), unknown('c')], async (...args) => {
      asked.push(args);
      return 'PAID';
    });
    expect(asked).toEqual([
      ['b', 1],
      ['c', 3],
    ]);
    expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['SOLD', 'WAITED', 'REFUSED', 'WAITED']);
  });

  it('count as sold when they are paid at rest, so that nothing is undersold', async () => {
    const settled = await settle([sold('a'), unknown('b'), unknown('c', '500 INTERNAL'), refused('SOLD_OUT')], 'PAID');
    expect(judgeRace(settled, 3)).toEqual({ sold: 3, paidAfterWaiting: 2, refused: { SOLD_OUT: 1 }, faults: [] });
    expect(judgeRace(settled, 2).faults).toEqual([expect.stringContaining('OVERSOLD')]);
    const lines = describeRace(settled, judgeRace(settled, 3), 1).join('\n');
    expect(lines).toMatch(/buyers +paid after waiting/);
    expect(lines).toMatch(/sold +3 +2\n/);
    expect(lines).toMatch(/left open +1 +1 +confirmation: 202/);
    expect(lines).toMatch(/left open +1 +1 +confirmation: 500 INTERNAL/);
  });

  it('are a fault by name when they are pending at rest, and refused when they failed', async () => {
    const pending = judgeRace(await settle([sold('a'), unknown('b')], 'PENDING'), 2);
    expect(pending).toMatchObject({ sold: 1, faults: [expect.stringMatching(/UNDECIDED.*\bb\b/)] });
    const failed = judgeRace(await settle([sold('a'), unknown('b')], 'FAILED'), 2);
    expect(failed.refused).toEqual({ FAILED: 1 });
    expect(failed.faults).toEqual([expect.stringContaining('UNDERSOLD'), expect.stringContaining('FAILED')]);
  });
});

describe('the verdict on a race', () => {
  it('is good when as many were sold as there were and the others told so', () => {
    const verdict = judgeRace([sold('a'), sold('b'), refused('SOLD_OUT'), refused('NOT_ENOUGH_TICKETS')], 2);
    expect(verdict).toEqual({
      sold: 2,
      paidAfterWaiting: 0,
      refused: { SOLD_OUT: 1, NOT_ENOUGH_TICKETS: 1 },
      faults: [],
    });
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
