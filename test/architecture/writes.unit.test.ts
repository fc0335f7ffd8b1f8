import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { render } from '../../functions/shared/table/render.ts';
import type { Condition } from '../../functions/shared/table/writes.ts';
import { sourceFiles } from './imports.ts';
import { UNCHAINED, unchainedWritersIn } from './unchained-writes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FILES = sourceFiles(ROOT).filter((file) => file.startsWith('functions/'));
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('writes', () => {
  it('of state go through begin and advance, or are named with the reason why not (invariant I11)', () => {
    const found = FILES.flatMap((file) => unchainedWritersIn(file, textOf(file)));
    expect(found.toSorted()).toEqual(Object.keys(UNCHAINED).toSorted());
  });

  it('a planted one is found', () => {
    const text = "export function sneak() {\n  return {\n    kind: 'update',\n  };\n}\n";
    expect(unchainedWritersIn('functions/orders/app/sneak.ts', text)).toEqual(['functions/orders/app/sneak.ts sneak']);
  });

  it('become expressions in one place, which renders names and values to placeholders', () => {
    expect(FILES.filter((file) => WRITING_COMMAND.test(textOf(file)))).toEqual([
      'functions/shared/table/batch.ts',
      'functions/shared/table/commit.ts',
    ]);
  });
});

/** Commands of the SDK that change the table. */
const WRITING_COMMAND = /\b(?:Put|Update|Delete|BatchWrite|TransactWrite)(?:Item|Items)?Command\b/;

/** Members of a request that hold an expression, and the API that takes statements as text. */
const EXPRESSION = /\b(?:\w+Expression)\s*[:=]\s*(?<value>[^,;\n]+)/g;

describe('expressions of DynamoDB', () => {
  /** Expressions of `text` that are neither a literal without holes nor made by the one renderer or reader. */
  function builtIn(text: string): readonly string[] {
    return [...text.matchAll(EXPRESSION)]
      .map(({ groups }) => groups?.['value']?.trim() ?? '')
      .filter((value) => !/^'[^'$]*'\)?$/.test(value));
  }

  it('are built by the renderer of writes and the one query, and nowhere else from anything', () => {
    const built = FILES.filter((file) => builtIn(textOf(file)).length > 0);
    expect(built).toEqual(['functions/shared/table/read.ts', 'functions/shared/table/render.ts']);
    expect(
      FILES.filter((file) => /\b(?:Batch)?Execute(?:Statement|Transaction)Command\b|PartiQL/.test(textOf(file))),
    ).toEqual([]);
  });

  it('of the query are put together from literals', () => {
    const parts = [...textOf('functions/shared/table/read.ts').matchAll(/\bcondition \+?= (?<part>.+);/g)];
    expect(parts.length).toBeGreaterThan(2);
    for (const { groups } of parts)
      expect(groups?.['part']).toMatch(/^(?:[\w.]+ === true \? )?'[^']*'(?: : '[^']*')?$/);
  });

  it('hold placeholders and keywords only, whatever names and values they are about', () => {
    const words = fc.string({ unit: 'binary' });
    const condition = fc.oneof(
      fc.tuple(words, words).map(([path, value]): Condition => ({ op: '=', path, value })),
      words.map((path): Condition => ({ op: 'exists', path })),
      fc.tuple(words, words).map(([path, value]): Condition => ({ op: 'contains', path, value })),
      fc
        .tuple(words, fc.array(words, { minLength: 1 }))
        .map(([path, values]): Condition => ({ op: 'in', path, values })),
    );
    fc.assert(
      fc.property(fc.dictionary(words, words), fc.array(words), fc.array(condition), (set, remove, of) => {
        const key = { pk: 'A', sk: 'B' };
        const write = { kind: 'update', key, set, remove, when: { op: 'and', of }, otherwise: () => 'NO' } as const;
        const { ConditionExpression = '', UpdateExpression = '' } = render(write, 'table').Update ?? {};
        const known = /#\d+|:\d+|\b(?:SET|REMOVE|AND|IN|attribute_exists|contains)\b|[\s(),=]/g;
        expect(`${ConditionExpression} ${UpdateExpression}`.replaceAll(known, '')).toBe('');
      }),
    );
  });

  it('a planted one that is built from input is found', () => {
    expect(builtIn('FilterExpression: `name = ${name}`')).toHaveLength(1);
    expect(builtIn("ConditionExpression: 'a = ' + input")).toHaveLength(1);
    expect(builtIn('KeyConditionExpression: condition')).toHaveLength(1);
    expect(builtIn("ConditionExpression: 'attribute_exists(pk)'")).toEqual([]);
  });
});
