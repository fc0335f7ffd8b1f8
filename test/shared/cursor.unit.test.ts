import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';

import { decodeCursor, encodeCursor, type CursorScope } from '../../functions/shared/runtime/cursor.ts';

const key = randomBytes(32);
const scope: CursorScope = { route: 'listOrders', query: { status: 'PAID' }, callerId: 'anna' };
const cursor = encodeCursor(key, scope, 'ORDER#7');

it('brings a position back for the same list and caller', () => {
  expect(decodeCursor(key, scope, cursor)).toBe('ORDER#7');
  expect(decodeCursor(key, { ...scope, query: { status: 'PAID', userId: undefined } }, cursor)).toBe('ORDER#7');
});

it.each([
  ['another route', key, { ...scope, route: 'listTickets' }],
  ['another filter', key, { ...scope, query: { status: 'HELD' } }],
  ['another caller', key, { ...scope, callerId: 'bert' }],
  ['nobody', key, { route: scope.route, query: scope.query }],
  ['another key', randomBytes(32), scope],
])('is worth nothing for %s', (_case, otherKey, otherScope) => {
  expect(() => decodeCursor(otherKey, otherScope, cursor)).toThrow('INVALID_INPUT');
});

it('cannot be changed, lengthened or spelled in another way', () => {
  for (const forged of [
    '',
    cursor.slice(0, 10),
    `${cursor}=`,
    `${cursor}A`,
    ` ${cursor}`,
    cursor.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
  ]) {
    expect(() => decodeCursor(key, scope, forged), forged).toThrow('INVALID_INPUT');
  }
});
