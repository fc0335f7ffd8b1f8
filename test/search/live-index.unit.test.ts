import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { documentOf } from '../../functions/search/domain/document.ts';
import { LiveIndex, type Update } from '../../functions/search/domain/live-index.ts';
import { afterSale, UNSOLD } from '../../functions/search/domain/popularity.ts';
import { SegmentBuilder } from '../../functions/search/domain/segment-builder.ts';
import { decodeSegment, encodeSegment, SegmentFormatError } from '../../functions/search/domain/segment-format.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { generatedEvents } from '../../scripts/bench/catalogue/generate.ts';
import { event, find, indexOf, namesOf, NOW, shown } from './events.ts';

const QUERIES = ['', 'live', 'festival', 'konzert wien', '音楽', 'orchestr', 'موسيقى', 'berlin', 'fesival'];
const some = [...generatedEvents(700, 3, NOW + DAY)];

const unchanged = (_eventId: string, known: number): number => known;

function answers(index: LiveIndex): unknown {
  return QUERIES.map((text) => {
    const { hits, total, facets } = find(index, text, { limit: 50 });
    return { text, total, facets, hits: hits.map(({ eventId, position }) => ({ eventId, keys: position.keys })) };
  });
}

describe('the index', () => {
  it('answers the same from storage as from memory, and compacted as in parts', () => {
    const whole = indexOf(some);
    const parts = indexOf(some.slice(0, 400));
    for (let start = 400; start < some.length; start += 50) parts.apply(some.slice(start, start + 50).map(shown));
    expect(parts.parts.length).toBeGreaterThan(1);
    expect(answers(parts)).toEqual(answers(whole));

    const stored = new LiveIndex(decodeSegment(encodeSegment(parts.compacted(NOW, unchanged))));
    expect(stored.parts).toHaveLength(1);
    expect(answers(stored)).toEqual(answers(whole));
    expect(stored.size).toBe(some.length);
  });

  it('makes of the same events the same bytes, whatever the order in which it learnt of them', () => {
    const bytes = (index: LiveIndex): Uint8Array => encodeSegment(index.compacted(NOW, unchanged));
    expect(bytes(indexOf(some.toReversed()))).toEqual(bytes(indexOf(some)));
  });

  it('ends up the same, however late, often and in whatever order news arrives', () => {
    const history: readonly (readonly Update[])[] = ['a', 'b', 'c', 'd'].map((name) => {
      const versions = [2, 3, 4, 5].map((version): Update => {
        const gone = version === 4 || (version === 5 && name === 'd');
        const eventId = event(name).eventId;
        return gone
          ? { kind: 'gone', eventId, version }
          : shown(event(name, { title: `Concert ${name}${version}`, version }));
      });
      return versions;
    });
    const news = history.flat();
    const expected = answers(
      indexOf(['a', 'b', 'c'].map((name) => event(name, { title: `Concert ${name}5`, version: 5 }))),
    );
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 30 }),
        (order, batch, compactAfter) => {
          let index = new LiveIndex(
            indexOf([event('a', { title: 'Concert a1', version: 1 })]).compacted(NOW, unchanged),
          );
          for (let start = 0; start < order.length; start += batch) {
            index.apply(order.slice(start, start + batch));
            // A snapshot that is taken on the way forgets what is gone; what is told again of it is read anew, see catchUp.
            if (start === compactAfter)
              index = new LiveIndex(decodeSegment(encodeSegment(index.compacted(NOW, unchanged))));
          }
          index.apply(history.map((versions) => versions.at(-1)).filter((update) => update !== undefined));
          expect(answers(index)).toEqual(expected);
        },
      ),
      { numRuns: 100, seed: 4 },
    );
  });

  it('keeps the popularity of an event that changes', () => {
    const events = [event('Loved'), event('Unknown', { startsAt: NOW + DAY })];
    const popular = new LiveIndex(
      indexOf(events).compacted(NOW, (eventId) =>
        eventId === events[0]?.eventId ? afterSale(UNSOLD, 5, NOW) : UNSOLD,
      ),
    );
    popular.apply([shown(event('Loved', { version: 3, startsAt: NOW + 20 * DAY }))]);
    expect(namesOf(find(popular, '', { sort: 'popularity' }), events)).toEqual(['Loved', 'Unknown']);
  });

  it('leaves behind what has begun when it is compacted', () => {
    const index = indexOf([event('Over', { startsAt: NOW - DAY }), event('To come')]);
    expect(new LiveIndex(index.compacted(NOW, unchanged)).size).toBe(1);
  });
});

describe('what is stored', () => {
  const builder = new SegmentBuilder();
  for (const one of some.slice(0, 50)) builder.add(documentOf(one));
  const bytes = encodeSegment(builder.build());

  it.each([
    ['nothing', new Uint8Array()],
    ['something else', new TextEncoder().encode('<?xml version="1.0"?><Error/>')],
    ['half of it', bytes.slice(0, bytes.length / 2)],
    ['its first bytes', bytes.slice(0, 20)],
    [
      'another format',
      Uint8Array.from(
        new TextEncoder().encode(
          new TextDecoder('latin1').decode(bytes.slice(0, 200)).replace('"format":2', '"format":1'),
        ),
      ),
    ],
  ])('is refused when it is %s', (_case, broken) => {
    expect(() => decodeSegment(broken)).toThrow(SegmentFormatError);
  });

  it('is read from wherever it lies in memory', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSegment(shifted.subarray(3)).columns.startsAt).toEqual(decodeSegment(bytes).columns.startsAt);
  });
});

describe('popularity', () => {
  it('counts a sale half after three days, in any order, and stays as it is while nothing is sold', () => {
    const early = afterSale(UNSOLD, 4, NOW);
    expect(afterSale(UNSOLD, 2, NOW + 3 * DAY)).toBeCloseTo(early, 9);
    expect(afterSale(UNSOLD, 3, NOW + 3 * DAY)).toBeGreaterThan(early);
    const both = afterSale(afterSale(UNSOLD, 1, NOW), 7, NOW + DAY);
    expect(afterSale(afterSale(UNSOLD, 7, NOW + DAY), 1, NOW)).toBeCloseTo(both, 9);
    expect(both).toBeGreaterThan(afterSale(UNSOLD, 7, NOW + DAY));
    expect(afterSale(early, 0, NOW + DAY)).toBe(early);
  });
});
