import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { crowd, paced, pacedDemand, PARTIES_OF_TWO_AND_MORE, USUAL_PARTIES } from '../../scripts/simulate/arrivals.ts';
import { readRequest } from '../../scripts/simulate/arguments.ts';
import { withReport } from '../../scripts/simulate/document.ts';
import { Chance } from '../../scripts/simulate/random.ts';
import { SETTINGS } from '../../scripts/simulate/scenarios.ts';
import { readTrace } from '../../scripts/simulate/trace.ts';

describe('those who arrive', () => {
  it('want exactly what there is, in parties no smaller than the smallest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.nat(), (tickets, seed) => {
        const wanted = pacedDemand(tickets, 40, PARTIES_OF_TWO_AND_MORE, new Chance(seed, 'demand'));
        expect(wanted.reduce((sum, arrival) => sum + arrival.tickets, 0)).toBe(tickets);
        expect(Math.min(...wanted.map((arrival) => arrival.tickets))).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('come at random within the time, or in turns where a waiting room lets them in', () => {
    const chance = new Chance(3, 'arrivals');
    const all = crowd(20_000, 10, USUAL_PARTIES, chance);
    expect((all.at(-1)?.at ?? 0) / 10_000).toBeCloseTo(1, 1);
    const inTurns = paced(100, 80, USUAL_PARTIES, chance);
    for (const [turn, { at }] of inTurns.entries()) expect(Math.floor(at / 12.5)).toBe(turn);
  });
});

describe('a trace of arrivals', () => {
  it('is read in any order of its lines, with either end of line', () => {
    const trace = readTrace('\uFEFFat_ms,tickets\r\n250.5,2\r\n0, 4\r\n');
    expect(trace).toEqual({
      ok: true,
      arrivals: [
        { at: 0, tickets: 4 },
        { at: 250.5, tickets: 2 },
      ],
    });
  });

  it.each([
    ['', 'line 1: the heading is to be at_ms,tickets, not ""'],
    ['when,how many\n1,2', 'line 1: the heading is to be at_ms,tickets, not "when,how many"'],
    ['at_ms,tickets\n', 'there is no buyer in it'],
    ['at_ms,tickets\n1,2,3', 'line 2: two columns are expected, not 3: "1,2,3"'],
    ['at_ms,tickets\n1,2\n\n3,4', 'line 3: two columns are expected, not 1: ""'],
    ['at_ms,tickets\n-1,2', 'line 2: at_ms is to be a number of milliseconds from 0 to 86400000, not "-1"'],
    ['at_ms,tickets\n1e3,2', 'line 2: at_ms is to be a number of milliseconds from 0 to 86400000, not "1e3"'],
    ['at_ms,tickets\n86400001,2', 'line 2: at_ms is to be a number of milliseconds from 0 to 86400000, not "86400001"'],
    ['at_ms,tickets\n1,0', 'line 2: tickets is to be a whole number from 1 to 60, not "0"'],
    ['at_ms,tickets\n1,61', 'line 2: tickets is to be a whole number from 1 to 60, not "61"'],
    ['at_ms,tickets\n1,1.5', 'line 2: tickets is to be a whole number from 1 to 60, not "1.5"'],
  ])('%j is refused: %s', (text, fault) => {
    expect(readTrace(text)).toEqual({ ok: false, faults: [fault] });
  });

  it('is told all of its faults, up to ten', () => {
    const trace = readTrace(`at_ms,tickets\n${Array.from({ length: 14 }, () => 'x,y').join('\n')}`);
    expect(trace.ok ? [] : trace.faults).toHaveLength(11);
    expect(trace.ok ? '' : trace.faults.at(-1)).toBe('and 4 more lines');
  });
});

describe('the command line', () => {
  it('tells all that cannot be', () => {
    expect(
      readRequest(['--buyers', '0', '--blocks', '4,x', '--lock', '25-5', '--only', 'all', '--seed', '1.5']),
    ).toEqual([
      '--blocks takes whole numbers from 1 to 10000 with commas between them',
      '--lock takes two numbers of milliseconds, the lower one first: 5-25',
      '--only takes unpaced, paced, stranded',
      '--buyers takes a whole number from 1 to 2000000',
      '--seed takes a whole number from 0 to 2147483647',
    ]);
    expect(readRequest(['--nonsense'])).toHaveLength(1);
    expect(readRequest(['--write-docs', '--seed', '4'])).toEqual([
      '--write-docs writes the report of the defaults: leave the rest out',
    ]);
    expect(readRequest(['--help'])).toBe('HELP');
    expect(readRequest([])).toMatchObject({ settings: SETTINGS, blocks: [1, 4, 16, 64, 256, 1_563] });
  });
});

describe('the page', () => {
  const docs = join(import.meta.dirname, '..', '..', 'docs');
  const page = readFileSync(join(docs, 'on-sale.md'), 'utf8');

  it('shows in its picture the figures of its table', () => {
    const picture = readFileSync(join(docs, 'pictures', 'on-sale.svg'), 'utf8');
    const rows = page.split('\n').filter((line) => /^\|\s*[\d,]+\s*\|/.test(line));
    const cells = rows.slice(0, 6).map((row) => row.split('|').map((cell) => cell.trim()));
    expect(cells.map(([, blocks]) => blocks)).toEqual(['1', '4', '16', '64', '256', '1,563']);
    for (const [, blocks, rate] of cells)
      for (const shown of [blocks, rate]) expect(picture).toContain(`>${shown}</text>`);
  });

  it('keeps what stands around the figures', () => {
    const [before, after] = [
      page.split('<!-- on-sale:begin -->')[0] ?? '',
      page.split('<!-- on-sale:end -->')[1] ?? '',
    ];
    const written = withReport(page, { sections: [], svg: '' });
    expect(written.startsWith(before)).toBe(true);
    expect(written.endsWith(after)).toBe(true);
    expect(() => withReport('a page of somebody else', { sections: [], svg: '' })).toThrow('has no');
  });
});
