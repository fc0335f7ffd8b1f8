import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  advance,
  begin,
  chainHash,
  isOwnEffect,
  MARK,
  marked,
  type Marked,
} from '../../functions/shared/table/aggregate.ts';
import type { Item } from '../../functions/shared/table/keys.ts';
import { render } from '../../functions/shared/table/render.ts';
import {
  above,
  absent,
  allOf,
  anyOf,
  atLeast,
  contains,
  equals,
  exists,
  lacks,
  oneOf,
  type Condition,
  type Value,
  type Write,
} from '../../functions/shared/table/writes.ts';

const otherwise = (): string => 'FAILED';
const key = { pk: 'ORDER#1', sk: 'ORDER' };
const cause = { event: 'orders.OrderPaid.v1', now: 1_000, correlationId: 'test', by: 'system' };

/** Names and values that try to break out of an expression. */
const hostile = fc.oneof(
  fc.string(),
  fc.constantFrom('#0', ':0', 'a = :0 OR attribute_exists(pk)', 'free) OR (1', 'SET pk = :x', ', x', 'size'),
);
const condition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    hostile.map(exists),
    hostile.map(absent),
    fc.tuple(hostile, hostile).map(([path, value]) => equals(path, value)),
    fc.tuple(hostile, fc.integer()).map(([path, value]) => above(path, value)),
    fc.tuple(hostile, hostile).map(([path, value]) => contains(path, value)),
    fc.tuple(hostile, hostile).map(([path, value]) => lacks(path, value)),
    fc.tuple(hostile, fc.array(hostile, { minLength: 1, maxLength: 3 })).map(([path, values]) => oneOf(path, values)),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of) => allOf(...of)),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of) => anyOf(...of)),
  ),
})).condition;

const GRAMMAR =
  /^(?:[\s(),=<>]|#\d+|:\d+|AND|OR|NOT|IN|SET|ADD|DELETE|REMOVE|contains|attribute_exists|attribute_not_exists)*$/;

describe('rendered writes', () => {
  it('an expression never contains input: only placeholders, and each one is bound', () => {
    fc.assert(
      fc.property(
        condition,
        fc.dictionary(hostile, hostile),
        fc.dictionary(hostile, fc.integer()),
        fc.array(hostile),
        (when, set, add, remove) => {
          const write: Write<string> = { kind: 'update', key, set, add, remove, when, otherwise };
          const { Update: update } = render(write, 'table');
          for (const text of [update?.UpdateExpression ?? '', update?.ConditionExpression ?? '']) {
            expect(text).toMatch(GRAMMAR);
            for (const [name] of text.matchAll(/#\d+/g))
              expect(update?.ExpressionAttributeNames).toHaveProperty([name]);
            for (const [value] of text.matchAll(/:\d+/g))
              expect(update?.ExpressionAttributeValues).toHaveProperty([value]);
          }
        },
      ),
    );
  });

  it('binds every value that was given, and nothing else', () => {
    const write: Write<string> = {
      kind: 'update',
      key,
      set: { a: 1, gone: undefined },
      add: { n: -2 },
      include: { s: new Set(['x']) },
      exclude: { t: new Set(['y']) },
      remove: ['r'],
      when: allOf(atLeast('free', 2), exists('pk')),
      otherwise,
    };
    expect(render(write, 'table')).toEqual({
      Update: {
        TableName: 'table',
        Key: key,
        UpdateExpression: 'SET #0 = :0 ADD #1 :1, #2 :2 DELETE #3 :3 REMOVE #4',
        ConditionExpression: '(#5 >= :4 AND attribute_exists(#6))',
        ExpressionAttributeNames: { '#0': 'a', '#1': 'n', '#2': 's', '#3': 't', '#4': 'r', '#5': 'free', '#6': 'pk' },
        ExpressionAttributeValues: { ':0': 1, ':1': -2, ':2': new Set(['x']), ':3': new Set(['y']), ':4': 2 },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    });
  });

  it('sends no empty maps, which DynamoDB refuses, and leaves undefined members out', () => {
    const put = render({ kind: 'put', key, item: { a: 1, b: undefined }, otherwise }, 'table').Put;
    expect(put).toEqual({ TableName: 'table', Item: { ...key, a: 1 }, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    expect(render({ kind: 'delete', key, otherwise }, 'table').Delete).not.toHaveProperty('ConditionExpression');
    expect(
      render({ kind: 'check', key, when: exists('pk'), otherwise }, 'table').ConditionCheck?.ConditionExpression,
    ).toBe('attribute_exists(#0)');
  });
});

const attributes = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'state'),
  fc.oneof(fc.integer(), fc.string(), fc.constant(undefined), fc.array(fc.integer(), { maxLength: 3 })),
);

function itemOf(write: ReturnType<typeof begin>): Marked & Item {
  return marked({
    ...write.key,
    ...Object.fromEntries(Object.entries(write.item).filter(([, value]) => value !== undefined)),
  });
}

describe('an aggregate and its chain of hashes', () => {
  it('begins at version 1, only where nothing is', () => {
    const write = begin(key, { a: 1, b: undefined }, cause, otherwise);
    expect(write.when).toEqual({ op: 'absent', path: 'pk' });
    const row = itemOf(write);
    expect(row).toMatchObject({ ver: 1, ev: cause.event, at: 1_000, cid: 'test', by: 'system' });
    expect(row.ch).toBe(chainHash('', row));
  });

  it('each change adds one to the version, hashes the row that results, and writes only what changed', () => {
    fc.assert(
      fc.property(attributes, fc.array(attributes, { maxLength: 5 }), (first, changes) => {
        let stored: Record<string, unknown> = { ...itemOf(begin(key, first, cause, otherwise)) };
        for (const [step, change] of changes.entries()) {
          const before = marked({ ...stored, ...key });
          const { row, write } = advance(before, change, { ...cause, now: 2_000 + step }, otherwise);
          stored = applied(stored, write);
          expect(stored).toEqual(row);
          expect(row.ver).toBe(before.ver + 1);
          expect(row.ch).toBe(chainHash(before.ch, row));
          expect(write.when).toEqual({ op: '=', path: 'ver', value: before.ver });
          const written = Object.keys(write.set ?? {}).filter((name) => !MARK.some((mark) => mark === name));
          expect(written.filter((name) => row[name] === before[name])).toEqual([]);
        }
      }),
    );
  });

  it('says who made the change, within the hash, and takes ids alone for it', () => {
    const first = itemOf(begin(key, { a: 1 }, cause, otherwise));
    const mine = advance(first, { a: 2 }, { ...cause, by: '01J00000000000000000000000' }, otherwise).row;
    expect(mine.by).toBe('01J00000000000000000000000');
    expect(chainHash(first.ch, { ...mine, by: 'schedule:expire-holds' })).not.toBe(mine.ch);
    for (const by of ['ann@onsale.example', 'Ann Other', '', '203.0.113.7', 'x'.repeat(81)]) {
      expect(() => begin(key, { a: 1 }, { ...cause, by }, otherwise)).toThrow('not an id');
      expect(() => advance(first, { a: 2 }, { ...cause, by }, otherwise)).toThrow('not an id');
    }
  });

  it('another content, or another past, gives another hash', () => {
    const row = { ...key, a: 1 };
    expect(chainHash('', row)).not.toBe(chainHash('', { ...row, a: 2 }));
    expect(chainHash('', row)).not.toBe(chainHash('x', row));
    expect(chainHash('', { ...row, ch: 'anything' })).toBe(chainHash('', row));
  });

  it('tells its own effect from that of somebody who did the same', () => {
    const before = itemOf(begin(key, { a: 1 }, cause, otherwise));
    const mine = advance(before, { a: 2 }, { ...cause, correlationId: 'mine' }, otherwise).row;
    const theirs = advance(before, { a: 2 }, { ...cause, correlationId: 'theirs' }, otherwise).row;
    expect(isOwnEffect(mine, mine)).toBe(true);
    expect(isOwnEffect(theirs, mine)).toBe(false);
    expect(isOwnEffect(undefined, mine)).toBe(false);
  });

  it('refuses a row without its mark', () => {
    expect(() => marked({ ...key, ver: 1, ev: 'x', at: 1, cid: 'c', ch: 'h' })).toThrow('carries no change mark');
  });
});

/** What DynamoDB makes of a row by an update of SET and REMOVE. */
function applied(
  row: Readonly<Record<string, unknown>>,
  write: { readonly set?: Readonly<Record<string, Value | undefined>>; readonly remove?: readonly string[] },
): Record<string, unknown> {
  const next: Record<string, unknown> = { ...row, ...write.set };
  for (const name of write.remove ?? []) delete next[name];
  return next;
}
