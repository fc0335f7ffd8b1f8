import { parseArgs } from 'node:util';

import { live, type Outcome, type Plan } from './history.ts';
import {
  CANCELLATIONS,
  CRASHES,
  LARGER_CANCELLATIONS,
  planOf,
  randomPlan,
  replayOf,
  SCENARIOS,
  shortest,
  singleFaults,
  TIMINGS,
  type Scenario,
} from './plans.ts';

const HELP = `npm run simulate [-- --histories N] [-- --seed N] [-- --faults NAME] [-- --pairs NAME] [-- --replay PLAN]

Lets buyers go through random histories of purchases, on a clock of their own: the real use cases and the real state
machine, the table and the payment provider in memory; processes die, answers are lost, events come twice, late or
never, clocks are wrong. After each step and at rest the invariants are checked. The first history that goes wrong is
told with the fewest faults that it needs, and how to live through it again.
  --histories N   how many (default 1,000)
  --seed N        the first of them (default 1); a history is a function of its seed
  --part I/N      of the pairs only those whose first fault is the I-th of N, so that several may share the work
  --pairs NAME    in place of random histories: every pair of deaths and lost answers in one way of a purchase, with
                  the provider's events at each of their times; by its name (see --pairs help), some 15 minutes
  --faults NAME   in place of random histories: every single death and lost answer in one way of a purchase or of a
                  cancelled event, with the provider's events at each of their times
  --replay PLAN   one history, by the plan that a failure has printed, told step by step
  --help          this text`;

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    pairs: { type: 'string' },
    part: { type: 'string', default: '1/1' },
    faults: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
if (values.replay !== undefined) {
  const outcome = await live(planGiven(values.replay));
  console.log(outcome.story().join('\n'));
  process.exit(verdict(outcome));
}
if (values.faults !== undefined) process.exit(await liveSingles(values.faults));
if (values.pairs !== undefined) process.exit(await livePairs(values.pairs));
const histories = wholeNumber('histories', values.histories);
const first = wholeNumber('seed', values.seed);
const startedAt = performance.now();
const totals = { calls: 0, faults: 0, endings: new Map<string, number>() };
for (let seed = first; seed < first + histories; seed += 1) {
  const plan = randomPlan(seed);
  const outcome = await live(plan);
  if (outcome.fault !== undefined) process.exit(await tellWorst(`History ${seed}`, plan, outcome));
  totals.calls += outcome.calls.length;
  totals.faults += outcome.faults.length;
  for (const { told } of outcome.endings) totals.endings.set(told, (totals.endings.get(told) ?? 0) + 1);
  if (process.stderr.isTTY) process.stderr.write(`\r${seed - first + 1} of ${histories}`);
}
const minutes = (performance.now() - startedAt) / 60_000;
const told = [...totals.endings]
  .toSorted(([, left], [, right]) => right - left)
  .map(([what, count]) => `${what} ${count}`);
console.log(`${histories} histories, ${Math.round(histories / minutes)} a minute: all end well.`);
console.log(`${totals.calls} calls to table, provider and queues, ${totals.faults} of them struck.`);
console.log(`What buyers were told: ${told.join(', ')}.`);

/** What goes wrong, by the fewest faults that it needs. */
async function tellWorst(name: string, plan: Plan, outcome: Outcome): Promise<number> {
  console.log(`\n${name} goes wrong; looking for the fewest faults that it needs …`);
  const least = await shortest(plan, outcome);
  console.log(`\n${least.outcome.story().join('\n')}`);
  console.log(`\nAgain: npm run simulate -- --replay '${replayOf(least.plan)}'`);
  return verdict(least.outcome);
}

/** Every single fault in one way that a history may go. */
async function liveSingles(name: string): Promise<number> {
  const scenario = scenarioNamed('faults', name);
  if (scenario === undefined) return 2;
  for (const webhooks of scenario.timings ?? TIMINGS) {
    const points = singleFaults(await live(planOf(scenario, webhooks)), CRASHES, scenario);
    for (const point of points) {
      const plan = planOf(scenario, webhooks, [point]);
      const outcome = await live(plan);
      if (outcome.fault !== undefined) return tellWorst(`A fault, webhooks ${webhooks},`, plan, outcome);
    }
    console.log(`webhooks ${webhooks}: ${points.length} faults, all end well`);
  }
  return 0;
}

/** A way that is known by this name, or a word to whoever asked. */
function scenarioNamed(option: string, name: string): Scenario | undefined {
  const all = { ...SCENARIOS, ...CANCELLATIONS, ...LARGER_CANCELLATIONS };
  const found = Object.entries(all).find(([each]) => each === name)?.[1];
  const names = Object.keys(all).map((each) => `  ${each}`);
  if (found === undefined) console.error(`--${option} takes one of these:\n${names.join('\n')}`);
  return found;
}

/** Every second fault after every first one: what follows a fault is another history, whose calls are found on the way. */
async function livePairs(name: string): Promise<number> {
  const scenario = scenarioNamed('pairs', name);
  if (scenario === undefined) return 2;
  const [part = 1, parts = 1] = values.part.split('/').map((text) => wholeNumber('part', text));
  if (part > parts) {
    console.error(`--part ${values.part}: there are no more than ${parts} parts.`);
    return 2;
  }
  let lived = 0;
  for (const webhooks of scenario.timings ?? TIMINGS) {
    const all = singleFaults(await live(planOf(scenario, webhooks)), CRASHES, scenario);
    const firsts = all.filter((_fault, index) => index % parts === part - 1);
    for (const [index, first] of firsts.entries()) {
      const once = await live(planOf(scenario, webhooks, [first]));
      const seconds = singleFaults(once, CRASHES, scenario).filter(({ at }) => at > first.at);
      for (const second of seconds) {
        const plan = planOf(scenario, webhooks, [first, second]);
        const outcome = await live(plan);
        lived += 1;
        if (outcome.fault !== undefined) return tellWorst(`A pair, webhooks ${webhooks},`, plan, outcome);
      }
      if (process.stderr.isTTY) process.stderr.write(`\rwebhooks ${webhooks}: ${index + 1} of ${firsts.length}`);
    }
    console.log(`webhooks ${webhooks}: ${firsts.length} first faults, ${lived} pairs so far, all end well`);
  }
  console.log(`${lived} pairs in all.`);
  return 0;
}

function verdict({ fault }: Outcome): number {
  console.log(fault === undefined ? '\nAll is well.' : `\nWrong: ${fault}`);
  return fault === undefined ? 0 : 1;
}

function planGiven(text: string): Plan {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was printed by ourselves; anything else fails when it is lived through
    return JSON.parse(text) as Plan;
  } catch {
    console.error('--replay takes the plan that a failure has printed, as it is.');
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  console.error(`--${name} takes a whole number from 1 on.\n\n${HELP}`);
  process.exit(2);
}
