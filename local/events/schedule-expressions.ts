import { Cron } from 'croner';
import { StartFailure } from '../failure.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** When a schedule fires next after an instant; undefined when never again. */
export type NextFire = (after: Date) => Date | undefined;

/**
 * Reads an expression of EventBridge Scheduler: `rate(5 minutes)`, `cron(0 9 ? * MON-FRI *)` (minute,
 * hour, day of month, month, day of week with 1 = SUN, year) or `at(2026-11-19T20:00:00)`. A rate
 * counts from `startedAt`, as on AWS it counts from the schedule's creation.
 */
export function nextFireOf(expression: string, timeZone: string, startedAt: Date, where: string): NextFire {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case 'rate':
      return rate(argument, startedAt, where);
    case 'cron':
      return cron(argument, timeZone, where);
    case 'at': {
      const once = new Cron(argument, { timezone: timeZone, paused: true });
      return (after) => once.nextRun(after) ?? undefined;
    }
    case undefined:
    default:
      throw new StartFailure(`${where}: the local runtime does not know the schedule expression ${expression}.`);
  }
}

function rate(argument: string, startedAt: Date, where: string): NextFire {
  const [, value = '', unit = ''] = /^(\d+)\s+(minute|hour|day)s?$/.exec(argument) ?? [];
  const interval = Number(value) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(interval > 0)) throw new StartFailure(`${where}: rate(${argument}) is no rate.`);
  return (after) => {
    const passed = Math.floor((after.getTime() - startedAt.getTime()) / interval);
    return new Date(startedAt.getTime() + Math.max(passed + 1, 1) * interval);
  };
}

function cron(argument: string, timeZone: string, where: string): NextFire {
  const fields = argument.trim().split(/\s+/);
  if (fields.length !== 6) throw new StartFailure(`${where}: cron(${argument}) has not six fields.`);
  // croner wants seconds first, takes `?` for the present time, and writes the last Friday as 6#L.
  const translated = fields.map((field) => (field === '?' ? '*' : field.replace(/^([A-Z0-9]+)L$/i, '$1#L')));
  try {
    const job = new Cron(`0 ${translated.join(' ')}`, {
      timezone: timeZone,
      paused: true,
      mode: '7-part',
      alternativeWeekdays: true,
      sloppyRanges: true,
    });
    return (after) => job.nextRun(after) ?? undefined;
  } catch (error) {
    throw new StartFailure(`${where}: cron(${argument}) cannot be read (${String(error)}).`);
  }
}
