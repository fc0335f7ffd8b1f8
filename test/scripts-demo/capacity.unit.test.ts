import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';

import { indexUnits, itemBytes, readUnits, writeUnits, type IndexShape } from '../../scripts/bench/capacity.ts';
import { kindOfRow, Meter } from '../../scripts/bench/meter.ts';

/** An item of exactly `bytes` bytes. */
function sized(bytes: number): Record<string, AttributeValue> {
  return { x: { S: 'a'.repeat(bytes - 1) } };
}

describe('the size of an item', () => {
  it.each([
    ['names and texts in UTF-8', { naïve: { S: 'é' } }, 6 + 2],
    ['a number, two digits to a byte', { n: { N: '12345' } }, 1 + 3 + 1],
    ['a negative number', { n: { N: '-12' } }, 1 + 1 + 1 + 1],
    ['zeros at the ends cost nothing', { n: { N: '1200000' } }, 1 + 1 + 1],
    ['a flag', { b: { BOOL: true } }, 1 + 1],
    ['null', { b: { NULL: true } }, 1 + 1],
    ['bytes', { b: { B: Buffer.from('abc') } }, 1 + 3],
    ['a list', { l: { L: [{ S: 'ab' }, { S: 'c' }] } }, 1 + 3 + (1 + 2) + (1 + 1)],
    ['a map', { m: { M: { k: { S: 'v' } } } }, 1 + 3 + 1 + 1 + 1],
    ['a set', { s: { SS: ['ab', 'c'] } }, 1 + 3],
  ] satisfies [string, Record<string, AttributeValue>, number][])('%s', (_what, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});

describe('write units', () => {
  it('are one for each started KB of the larger image', () => {
    expect(writeUnits(undefined, sized(1_024), false)).toBe(1);
    expect(writeUnits(undefined, sized(1_025), false)).toBe(2);
    expect(writeUnits(sized(3_000), sized(10), false)).toBe(3);
  });

  it('are one for what is not there, and double in a transaction', () => {
    expect(writeUnits(undefined, undefined, false)).toBe(1);
    expect(writeUnits(undefined, sized(10), true)).toBe(2);
    expect(writeUnits(undefined, sized(1_025), true)).toBe(4);
  });
});

describe('write units of an index', () => {
  const index: IndexShape = { name: 'gsi1', keys: ['gsi1pk', 'gsi1sk'], projects: 'ALL' };
  const keysOnly: IndexShape = { ...index, projects: [] };
  const keyed = (more: Record<string, AttributeValue> = {}, sort = 'a'): Record<string, AttributeValue> => ({
    pk: { S: 'p' },
    sk: { S: 's' },
    gsi1pk: { S: 'g' },
    gsi1sk: { S: sort },
    ...more,
  });

  it('are none for an item that is not in it', () => {
    expect(indexUnits(index, undefined, sized(10))).toBe(0);
    expect(indexUnits(index, undefined, { ...sized(10), gsi1pk: { S: 'half a key' } })).toBe(0);
  });

  it('are one for going in, changing and going out, and two for another key', () => {
    expect(indexUnits(index, undefined, keyed())).toBe(1);
    expect(indexUnits(index, keyed(), keyed({ n: { N: '1' } }))).toBe(1);
    expect(indexUnits(index, keyed(), undefined)).toBe(1);
    expect(indexUnits(index, keyed(), keyed({}, 'b'))).toBe(2);
  });

  it('are none where nothing that it holds changed', () => {
    expect(indexUnits(index, keyed(), keyed())).toBe(0);
    expect(indexUnits(keysOnly, keyed(), keyed({ n: { N: '1' } }))).toBe(0);
  });
});

describe('read units', () => {
  it('are a half, one or two for each started 4 KB', () => {
    expect(readUnits(0, 'eventual')).toBe(0.5);
    expect(readUnits(4_096, 'strong')).toBe(1);
    expect(readUnits(4_097, 'strong')).toBe(2);
    expect(readUnits(10, 'transactional')).toBe(2);
  });
});

describe('the meter', () => {
  const call = (startedAt: number, endedAt: number, operation = 'GetItem') => ({
    operation,
    startedAt,
    endedAt,
    charges: [{ kind: 'read', row: 'session', units: 1, bytes: 10 }] as const,
    changes: [],
    ok: true,
  });

  it('counts rounds as the longest chain of requests that waited for each other', () => {
    const meter = new Meter();
    meter.label = 'hold';
    for (const [from, to] of [
      [0, 5],
      [1, 4],
      [5, 9],
    ] as const)
      meter.note(call(from, to));
    expect(meter.roundTrips('hold')).toMatchObject({ requests: 3, rounds: 2 });
  });

  it('keeps what belongs to different labels apart, and reads from writes', async () => {
    const meter = new Meter();
    await meter.during('hold', async () => meter.note(call(0, 1)));
    meter.note(call(2, 3));
    expect(meter.total('read', 'hold')).toBe(1);
    expect(meter.total('write', 'hold')).toBe(0);
    expect(meter.label).toBe('');
  });

  it('names rows by their keys', () => {
    const name = (pk: string, sk: string): string => kindOfRow({ pk: { S: pk }, sk: { S: sk } });
    expect(name('TT#1#B0', 'BLOCK')).toBe('block');
    expect(name('ORDER#1', 'TL#000001')).toBe('timeline');
    expect(name('DUE#LAPSED_HOLDS#1', 'x')).toBe('due-list');
    expect(name('DUE#LAPSED_HOLDS', 'CURSOR')).toBe('cursor of the job');
    expect(name('SOMETHING#1', 'ELSE')).toBe('something');
  });
});
