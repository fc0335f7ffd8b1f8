import { describe, expect, it } from 'vitest';
import { nextFireOf } from '../../local/events/schedule-expressions.ts';
import { TokenBucket } from '../../local/http/throttle.ts';

const fires = (expression: string, after: string, zone = 'UTC', count = 1): (string | undefined)[] => {
  const next = nextFireOf(expression, zone, new Date('2026-01-01T00:00:30Z'), 'S');
  const found: (string | undefined)[] = [];
  for (let at: Date | undefined = new Date(after); found.length < count && at !== undefined;) {
    at = next(at);
    found.push(at?.toISOString());
  }
  return found;
};

describe('schedule expressions', () => {
  it.each([
    ['cron(* * * * ? *)', '2026-03-01T10:00:00Z', 'UTC', '2026-03-01T10:01:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-03-01T10:46:00Z', 'UTC', '2026-03-01T11:00:00.000Z'],
    ['cron(0 9 ? * 2-6 *)', '2026-11-20T10:00:00Z', 'UTC', '2026-11-23T09:00:00.000Z'],
    ['cron(0 9 ? * MON-FRI *)', '2026-11-20T10:00:00Z', 'UTC', '2026-11-23T09:00:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-02-10T00:00:00Z', 'UTC', '2026-02-28T00:00:00.000Z'],
    ['cron(0 12 ? * 6L *)', '2026-11-01T00:00:00Z', 'UTC', '2026-11-27T12:00:00.000Z'],
    ['cron(0 12 ? * 3#1 *)', '2026-11-04T00:00:00Z', 'UTC', '2026-12-01T12:00:00.000Z'],
    ['cron(0 8 15W * ? *)', '2026-08-01T00:00:00Z', 'UTC', '2026-08-14T08:00:00.000Z'],
    ['cron(0 0 1 1 ? 2030)', '2026-03-01T00:00:00Z', 'UTC', '2030-01-01T00:00:00.000Z'],
    ['cron(0 9 * * ? *)', '2026-07-01T08:00:00Z', 'Europe/Berlin', '2026-07-02T07:00:00.000Z'],
    ['rate(5 minutes)', '2026-01-01T00:01:00Z', 'UTC', '2026-01-01T00:05:30.000Z'],
    ['rate(1 hour)', '2026-01-01T02:00:30Z', 'UTC', '2026-01-01T03:00:30.000Z'],
    ['at(2026-11-19T20:00:00)', '2026-11-01T00:00:00Z', 'Europe/Berlin', '2026-11-19T19:00:00.000Z'],
  ])('%s after %s in %s', (expression, after, zone, expected) => {
    expect(fires(expression, after, zone)).toEqual([expected]);
  });

  it('never fires again when its time is past', () => {
    expect(fires('at(2026-11-19T20:00:00)', '2026-12-01T00:00:00Z')).toEqual([undefined]);
    expect(fires('cron(0 0 1 1 ? 2025)', '2026-12-01T00:00:00Z')).toEqual([undefined]);
  });

  it.each(['cron(* * * * *)', 'rate(0 minutes)', 'rate(5 parsecs)', 'every(minute)', 'cron(x * * * ? *)'])(
    'refuses %s by name',
    (expression) => {
      expect(() => fires(expression, '2026-01-01T00:00:00Z')).toThrow(
        expect.objectContaining({ name: 'StartFailure' }),
      );
    },
  );
});

it('a token bucket gives its burst at once and then its rate', () => {
  let now = 0;
  const bucket = new TokenBucket(2, 3, () => now);
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false]);
  now = 500;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  now = 60_000;
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false]);
});
