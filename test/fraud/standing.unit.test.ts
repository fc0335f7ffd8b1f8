import { describe, expect, it } from 'vitest';

import type { Fact } from '../../functions/fraud/contract.ts';
import { SIGNALS, standingBy, withFacts } from '../../functions/fraud/domain/standing.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');

function facts(kind: Fact['kind'], count: number, more: Partial<Fact> = {}): readonly Fact[] {
  return Array.from({ length: count }, (_unused, index) => ({
    id: `${kind}-${index}`,
    kind,
    at: NOW - MINUTE,
    ...more,
  }));
}

function cards(count: number): readonly Fact[] {
  return facts('DECLINED', count).map((each, index) => ({ ...each, card: `card-${index}` }));
}

describe('how a buyer stands', () => {
  it.each([
    ['nothing is known', [], 'ALLOW', []],
    ['two cards were refused', cards(2), 'ALLOW', []],
    ['a third one was', cards(3), 'CHALLENGE', ['CARDS']],
    ['six were', cards(6), 'REVIEW', ['CARDS']],
    ['one card was refused four times', facts('DECLINED', 4, { card: 'one' }), 'ALLOW', []],
    ['one was refused five times', facts('DECLINED', 5, { card: 'one' }), 'CHALLENGE', ['DECLINES']],
    ['one was refused fifteen times', facts('DECLINED', 15, { card: 'one' }), 'REVIEW', ['DECLINES']],
    ['five orders lapsed', facts('LAPSED', 5), 'ALLOW', []],
    ['six lapsed', facts('LAPSED', 6), 'CHALLENGE', ['LAPSED']],
    ['fifteen lapsed', facts('LAPSED', 15), 'REVIEW', ['LAPSED']],
    ['one order too many within an hour', facts('RAPID', 1), 'CHALLENGE', ['RAPID']],
    ['twenty too many', facts('RAPID', 20), 'REVIEW', ['RAPID']],
    ['the provider doubts a payment', facts('ELEVATED', 1), 'CHALLENGE', ['PROVIDER_RISK']],
    ['the provider doubts three', facts('ELEVATED', 3), 'REVIEW', ['PROVIDER_RISK']],
    ['the provider all but refuses one', facts('HIGHEST', 1), 'REVIEW', ['PROVIDER_RISK']],
    ['three copies of codes were turned away', facts('SHARED', 3), 'ALLOW', []],
    ['four were', facts('SHARED', 4), 'CHALLENGE', ['SHARED_CODES']],
    ['ten were', facts('SHARED', 10), 'REVIEW', ['SHARED_CODES']],
    ['several things at once', [...cards(6), ...facts('LAPSED', 15)], 'REVIEW', ['CARDS', 'LAPSED']],
    ['a light one beside a grave one', [...cards(6), ...facts('LAPSED', 6)], 'REVIEW', ['CARDS']],
  ] as const)('%s', (_when, known, scrutiny, reasons) => {
    expect(standingBy(known, NOW)).toEqual({ scrutiny, reasons });
  });

  it('what is older than its window counts no more, to the millisecond', () => {
    for (const { reason, of, withinMs, challenge, each: counted } of SIGNALS) {
      const [kind] = of;
      if (kind === undefined) throw new Error('A signal counts something');
      const known = facts(kind, challenge, { at: NOW - withinMs }).map((each, index) => ({
        ...each,
        card: counted === 'card' ? `card-${index}` : 'one',
      }));
      expect(standingBy(known, NOW).scrutiny, reason).toBe('ALLOW');
      expect(standingBy(known, NOW - 1).reasons, reason).toEqual([reason]);
    }
  });
});

describe('facts', () => {
  it('count once, however often they are told, also within one message', () => {
    const once = withFacts([], [...cards(2), ...cards(2)], NOW);
    expect(once).toHaveLength(2);
    expect(withFacts(once ?? [], cards(2), NOW)).toBeUndefined();
    expect(withFacts(once ?? [], cards(3), NOW)).toHaveLength(3);
  });

  it('leave their row a day later, and are not taken in after that', () => {
    const old = facts('LAPSED', 3, { at: NOW - DAY });
    expect(withFacts(old, cards(1), NOW)).toHaveLength(1);
    expect(withFacts([], old, NOW)).toBeUndefined();
  });

  it('are so many at most that the row stays small, the youngest of them', () => {
    const many = Array.from({ length: 500 }, (_unused, index): Fact => ({
      id: `d-${index}`,
      kind: 'DECLINED',
      at: NOW - HOUR + index,
    }));
    const kept = withFacts([], many, NOW) ?? [];
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.at(-1)?.id).toBe('d-499');
    expect(standingBy(kept, NOW).scrutiny).toBe('REVIEW');
  });
});
