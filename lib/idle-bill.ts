/**
 * What a stage costs while nobody buys, counted from its template. Prices are AWS's list prices for
 * eu-west-1 in US dollars; `docs/cost.md` derives each figure and says what is not in it.
 */

/** A resource as the templates have it. */
export interface PricedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** One line of the bill, for a month. */
export interface BillLine {
  readonly what: string;
  /** How much is used in a month, in `unit`s. */
  readonly quantity: number;
  readonly unit: string;
  /** Dollars for one unit. */
  readonly price: number;
  /** Units a month that AWS gives every account for ever (not only in its first year). */
  readonly free: number;
}

/** A month of AWS's price examples: 730 hours. */
const MINUTES = 730 * 60;

/** Lambda keeps 5 pollers on each queue, each asking again after 20 s without a message. */
const POLLS_PER_MINUTE = 5 * 3;

/**
 * A run that finds nothing to do. The minute's jobs read their cursor and 16 minutes of their due-list,
 * strongly (17 read units), and write the cursor (1 write unit); the sweep looks for prices that follow rules, too
 * (0.5), every 5 minutes for mails to try again (0.5), each hour for events to remind of (1), and every 15 minutes it reads 31 minutes of the events to look after (32, and 1 write unit). Of the jobs of each quarter of an hour the reconciler
 * only asks Stripe, the compaction of the search index reads its snapshot's row and two empty logs (2 read units), the
 * end of erasures reads its cursor and 31 minutes of its due-list and writes the cursor (32, and 1 write unit): 11 on
 * average.
 */
const MINUTE_RUN = { reads: 17 + (32 / 15 + 0.5 + 0.5 / 5 + 1 / 60) / 2, writes: 1 + 1 / 15 / 2, seconds: 0.1 };
const OTHER_RUN = { reads: 34 / 3, writes: 1 / 3, seconds: 0.5 };
/** START, END and REPORT of Lambda and one line of ours, each with CloudWatch's 26 bytes. */
const LOG_BYTES_PER_RUN = 700;

/** The bill of a stage with these resources. */
export function idleBill(resources: readonly PricedResource[]): readonly BillLine[] {
  const of = (type: string): readonly PricedResource[] => resources.filter((resource) => resource.type === type);
  const polled = of('AWS::Lambda::EventSourceMapping').filter(({ properties }) => !('StartingPosition' in properties));
  const runs = of('AWS::Scheduler::Schedule').map(({ properties }) => {
    const minutes = minutesOf(String(properties['ScheduleExpression']));
    return { times: MINUTES / minutes, ...(minutes === 1 ? MINUTE_RUN : OTHER_RUN) };
  });
  const total = (amount: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, run) => sum + run.times * amount(run), 0);
  const invocations = total(() => 1);
  const gigabyte = jobMemoryGigabytes(resources);

  return [
    { what: 'KMS key', quantity: of('AWS::KMS::Key').length, unit: 'key', price: 1, free: 0 },
    {
      what: 'Alarm metrics',
      quantity: alarmMetrics(of('AWS::CloudWatch::Alarm')),
      unit: 'metric',
      price: 0.1,
      free: 10,
    },
    { what: 'Dashboards', quantity: of('AWS::CloudWatch::Dashboard').length, unit: 'dashboard', price: 3, free: 3 },
    {
      what: 'SQS polling',
      quantity: (polled.length * POLLS_PER_MINUTE * MINUTES) / 1e6,
      unit: 'M requests',
      price: 0.4,
      free: 1,
    },
    {
      what: 'Table reads of jobs',
      quantity: total(({ reads }) => reads) / 1e6,
      unit: 'M units',
      price: 0.1415,
      free: 0,
    },
    {
      what: 'Table writes of jobs',
      quantity: total(({ writes }) => writes) / 1e6,
      unit: 'M units',
      price: 0.705,
      free: 0,
    },
    { what: 'Schedules', quantity: invocations / 1e6, unit: 'M runs', price: 1, free: 14 },
    { what: 'Lambda requests', quantity: invocations / 1e6, unit: 'M requests', price: 0.2, free: 1 },
    {
      what: 'Lambda time (arm64)',
      quantity: total(({ seconds }) => seconds * gigabyte) / 1e3,
      unit: 'k GB-s',
      price: 0.0133334,
      free: 400,
    },
    { what: 'Logs taken in', quantity: (invocations * LOG_BYTES_PER_RUN) / 1e9, unit: 'GB', price: 0.57, free: 5 },
  ];
}

/** Dollars of a line: at list price, or with what every account has for free. */
export function dollarsOf({ quantity, price, free }: BillLine, priced: 'list' | 'allowances'): number {
  return (priced === 'list' ? quantity : Math.max(0, quantity - free)) * price;
}

/** Dollars of a whole bill. */
export function totalOf(bill: readonly BillLine[], priced: 'list' | 'allowances'): number {
  return bill.reduce((sum, line) => sum + dollarsOf(line, priced), 0);
}

/** The bill as a Markdown table, as `docs/cost.md` shows it. */
export function billAsTable(bill: readonly BillLine[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const dollars = (amount: number): string => amount.toFixed(2);
  return [
    row(['what', 'used', 'price', 'free', 'list $', 'with allowances $']),
    row(['---', '---', '---', '---', '---', '---']),
    ...bill.map((line) =>
      row([
        line.what,
        `${Number(line.quantity.toFixed(3))} ${line.unit}`,
        `$${line.price}`,
        line.free === 0 ? 'none' : String(line.free),
        dollars(dollarsOf(line, 'list')),
        dollars(dollarsOf(line, 'allowances')),
      ]),
    ),
    row([
      '**together**',
      '',
      '',
      '',
      `**${dollars(totalOf(bill, 'list'))}**`,
      `**${dollars(totalOf(bill, 'allowances'))}**`,
    ]),
  ].join('\n');
}

/** An alarm is paid by the metric: one, or as many as its expression draws on. */
function alarmMetrics(alarms: readonly PricedResource[]): number {
  return alarms.reduce((sum, { properties }) => {
    const { Metrics: metrics } = properties;
    return sum + (Array.isArray(metrics) ? metrics.filter((metric: object) => 'MetricStat' in metric).length : 1);
  }, 0);
}

function minutesOf(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression) ?? [];
  if (count === undefined) throw new Error(`No price for a schedule of ${expression}`);
  return Number(count) * (unit === 'hour' ? 60 : 1);
}

/** The largest of the scheduled functions, so that the estimate is none too low. */
function jobMemoryGigabytes(resources: readonly PricedResource[]): number {
  const targets = JSON.stringify(resources.filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig'));
  const sizes = resources
    .filter(({ type, logicalId }) => type === 'AWS::Lambda::Function' && targets.includes(`"${logicalId}"`))
    .map(({ properties }) => Number(properties['MemorySize']));
  return Math.max(0, ...sizes) / 1_024;
}
