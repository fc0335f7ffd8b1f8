import { expect, it } from 'vitest';

import { reviewUntil } from '../../functions/orders/domain/review.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';

const NOW = Date.parse('2026-11-27T18:00:00Z');

it.each([
  ['three days, where the event is far away', NOW + 30 * DAY, NOW + 3 * DAY],
  ['three hours before it starts', NOW + 2 * DAY, NOW + 2 * DAY - 3 * HOUR],
  ['half an hour, where it starts in a moment', NOW + 10 * MINUTE, NOW + 30 * MINUTE],
  ['half an hour, where it has started', NOW - HOUR, NOW + 30 * MINUTE],
  ['three days, where nobody knows when it starts', Infinity, NOW + 3 * DAY],
])('a person has %s to decide', (_how, starts, until) => {
  expect(reviewUntil(NOW, starts)).toBe(until);
});
