/** Runs steps in order, and says in one line each what it found and did. */
import { NeedsPerson, explain } from './errors.ts';
import type { Context, Step, StepName, StepStatus } from './plan.ts';

/** How far one step got in this run. */
export type StepOutcome =
  | StepStatus
  | { readonly kind: 'blocked'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

export type RunOptions = {
  /** Report only; `apply` is never called. */
  readonly checkOnly: boolean;
  /** Apply without asking. */
  readonly assumeYes: boolean;
  /** How long to poll what waits for AWS, milliseconds for each step; 0 reports at once. */
  readonly waitMilliseconds: number;
};

export type Outcomes = ReadonlyMap<StepName, StepOutcome>;

/** A step may move in several moves (request a certificate, then publish its record). */
const MOST_MOVES = 5;

const POLL_EVERY_MS = 15_000;

const MARKS = { done: '✓', missing: '○', waiting: '…', blocked: '–', failed: '✗' } as const;

/**
 * Runs the steps one after the other. A failed step does not stop the steps that do not need it.
 *
 * @param steps in the order to run; requirements that are not in the list count as met
 * @returns what became of each
 */
export async function runSteps(steps: readonly Step[], context: Context, options: RunOptions): Promise<Outcomes> {
  const outcomes = new Map<StepName, StepOutcome>();
  for (const step of steps) {
    const blocker = step.requires.find((name) => (outcomes.get(name)?.kind ?? 'done') !== 'done');
    const outcome: StepOutcome =
      blocker === undefined
        ? await runStep(step, context, options)
        : { kind: 'blocked', detail: `needs the step ${blocker} first` };
    outcomes.set(step.name, outcome);
    report(step, outcome, context);
  }
  return outcomes;
}

/**
 * @returns the exit code: 0 all done, 1 something failed, 2 something is missing or waits for a
 * person or AWS
 */
export function exitCodeOf(outcomes: Outcomes): 0 | 1 | 2 {
  const kinds = [...outcomes.values()].map((outcome) => outcome.kind);
  if (kinds.includes('failed')) return 1;
  return kinds.every((kind) => kind === 'done') ? 0 : 2;
}

/** The last line of a run: what to do next. */
export function closingLine(steps: readonly Step[], outcomes: Outcomes, stage: string): string {
  const open = steps.filter(({ name }) => outcomes.get(name)?.kind !== 'done');
  if (open.length === 0) return 'All done.';
  if (open.every(({ phase }) => phase === 'after-deploy')) {
    return `Ready to deploy: npm run deploy -- --stage ${stage}   (then setup once more, for ${open.map(({ name }) => name).join(' and ')})`;
  }
  return 'Not all done: see the lines above, then run this again.';
}

async function runStep(step: Step, context: Context, options: RunOptions): Promise<StepOutcome> {
  let acting: 'check' | 'apply' = 'check';
  try {
    let status = await step.check(context);
    for (let move = 0; status.kind === 'missing' && move < MOST_MOVES; move += 1) {
      if (options.checkOnly) return status;
      if (!(await agreed(step, status, context, options))) return status;
      context.print(`  ${step.title}: ${status.detail}; now: ${status.will}`);
      acting = 'apply';
      await step.apply(context);
      acting = 'check';
      status = await step.check(context);
    }
    return status.kind === 'waiting' ? await poll(step, status, context, options) : status;
  } catch (error) {
    if (error instanceof NeedsPerson) {
      return { kind: 'waiting', detail: error.message, todo: error.todo };
    }
    const permissions = acting === 'check' ? step.permissions.check : step.permissions.apply;
    return { kind: 'failed', detail: explain(error, permissions) };
  }
}

async function agreed(
  step: Step,
  { detail, will }: Extract<StepStatus, { readonly kind: 'missing' }>,
  context: Context,
  options: RunOptions,
): Promise<boolean> {
  if (options.assumeYes) return true;
  const answer = await context.prompt.ask(`${step.title}: ${detail}. Setup will ${will}. Go on? [y/N] `);
  if (answer === undefined) {
    throw new NeedsPerson('not applied: there is no terminal to ask on', [
      'Run this again with --yes, or from a terminal.',
    ]);
  }
  return /^y(es)?$/i.test(answer.trim());
}

async function poll(step: Step, first: StepStatus, context: Context, options: RunOptions): Promise<StepStatus> {
  let status = first;
  for (let waited = 0; status.kind === 'waiting' && waited < options.waitMilliseconds; waited += POLL_EVERY_MS) {
    await context.sleep(Math.min(POLL_EVERY_MS, options.waitMilliseconds - waited));
    status = await step.check(context);
  }
  return status;
}

function report(step: Step, outcome: StepOutcome, context: Context): void {
  context.print(`${MARKS[outcome.kind]} ${step.title} (${step.name}): ${outcome.detail}`);
  switch (outcome.kind) {
    case 'missing':
      context.print(`    to do: ${outcome.will}`);
      return;
    case 'waiting':
      for (const line of outcome.todo) context.print(`    ${line}`);
      return;
    case 'done':
    case 'blocked':
    case 'failed':
      return;
  }
}
