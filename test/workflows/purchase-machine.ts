import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import * as z from 'zod/mini';

import { purchaseEnding } from '../../functions/orders/contract.ts';
import type { PurchaseRefusal, PurchaseRuns } from '../../functions/payments/purchase-runs.ts';
import { err, ok } from '../../functions/shared/kernel/result.ts';
import { TEST_CONTEXT } from '../support/http.ts';

/** A state of an Amazon States Language file, as far as tests look at it. */
export const aslState = z.looseObject({
  Type: z.string(),
  Resource: z.optional(z.string()),
  Parameters: z.optional(z.looseObject({})),
  TimeoutSeconds: z.optional(z.number()),
  Next: z.optional(z.string()),
  Default: z.optional(z.string()),
  Choices: z.optional(z.array(z.looseObject({ Next: z.string() }))),
  Retry: z.optional(z.array(z.looseObject({ ErrorEquals: z.array(z.string()) }))),
  Catch: z.optional(z.array(z.looseObject({ ErrorEquals: z.array(z.string()), Next: z.string() }))),
});
export type AslState = z.infer<typeof aslState>;
const aslFile = z.looseObject({
  StartAt: z.string(),
  TimeoutSeconds: z.number(),
  States: z.record(z.string(), aslState),
});

/** The text of the deployed definition, placeholders and all. */
export const PURCHASE_ASL = readFileSync(
  join(import.meta.dirname, '..', '..', 'statemachines', 'purchase.asl.json'),
  'utf8',
);
export const purchaseAsl = z.parse(aslFile, JSON.parse(PURCHASE_ASL));

/** A function of the machine: takes the payload of its Task, answers its result. */
export type StepHandler = (event: unknown, context: typeof TEST_CONTEXT) => Promise<unknown>;

/** Something that happens to a run at one of its states, once. */
export interface Mishap {
  readonly state: string;
  /** The process dies before the step, or after its effect; or the step runs into `does` first. */
  readonly kind: 'KILL_BEFORE' | 'KILL_AFTER' | 'FIRST';
  readonly does?: () => Promise<void>;
}

/** The purchase machine running in this process, its tasks calling the functions' real handlers. */
export interface PurchaseMachine extends PurchaseRuns {
  /** States entered, over all runs. */
  readonly visited: Set<string>;
  /** States entered by the last run that was started, in order. */
  lastPath(): readonly string[];
  /** Lets something happen to the next run that comes by. */
  plan(mishap: Mishap): void;
}

type Json = Parameters<StateMachine['run']>[0];

/**
 * Runs `statemachines/purchase.asl.json` as it is; only the names of the functions are filled in.
 *
 * @param functions handler by placeholder, `PurchaseLedger` and `PurchasePayments`
 */
export function purchaseMachine(functions: Readonly<Record<string, StepHandler>>): PurchaseMachine {
  const visited = new Set<string>();
  let path: string[] = [];
  let mishaps: Mishap[] = [];
  let runs = 0;
  const machine = interpreted();
  const statesOf = (type: string): readonly string[] =>
    Object.entries(purchaseAsl.States).flatMap(([name, { Type }]) => (Type === type ? [name] : []));
  const tasks = statesOf('Task');
  // Nothing sleeps: waits and pauses between retries take a millisecond.
  const waitTimeOverrides = Object.fromEntries(statesOf('Wait').map((state) => [state, 1]));
  const retryIntervalOverrides = Object.fromEntries(tasks.map((state) => [state, 1]));

  return {
    visited,
    lastPath: () => path,
    plan: (mishap) => mishaps.push(mishap),
    run: async (request, startedAt) => {
      runs += 1;
      const entered: string[] = [];
      path = entered;
      const die: { abort?: () => void } = {};
      const handlers = Object.fromEntries(
        tasks.map((state): [string, (input: Json) => Promise<Json>] => [
          state,
          async (input) => {
            const mishap = mishaps.find((planned) => planned.state === state);
            mishaps = mishaps.filter((planned) => planned !== mishap);
            if (mishap?.kind === 'KILL_BEFORE') return dead(die.abort);
            await mishap?.does?.();
            if (mishap?.kind !== 'KILL_AFTER') return invoke(functions, input);
            await invoke(functions, input).catch(() => undefined);
            return dead(die.abort);
          },
        ]),
      );
      const execution = machine.run(
        { ...request, run: `run-${runs}-${startedAt}`, startedAt },
        {
          overrides: {
            taskResourceLocalHandlers: handlers,
            retryIntervalOverrides,
            waitTimeOverrides,
          },
        },
      );
      die.abort = execution.abort;
      const watch = (async () => {
        for await (const event of execution.eventLogs) {
          if (event.type === 'StateEntered') {
            visited.add(event.state.name);
            entered.push(event.state.name);
          }
        }
      })();
      try {
        const output = await execution.result;
        await watch;
        return ok(z.parse(purchaseEnding, output));
      } catch (error) {
        const refusal = REFUSALS.find((code) => code === nameOf(error));
        return refusal === undefined ? ok(undefined) : err(refusal);
      }
    },
  };
}

let interpreter: StateMachine | undefined;

/** The file as the interpreter has read it, once: it validates for longer than a run takes. */
function interpreted(): StateMachine {
  // The definition is JSON that `purchaseAsl` has parsed; the interpreter validates it again.
  const definition: StateMachineDefinition = JSON.parse(PURCHASE_ASL);
  interpreter ??= new StateMachine(definition, { validationOptions: { checkArn: false } });
  return interpreter;
}

const REFUSALS: readonly PurchaseRefusal[] = ['ORDER_NOT_FOUND', 'PAYMENT_INTENT_MISMATCH'];

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? error.cause.name : error.name;
}

const invokeInput = z.object({ FunctionName: z.string(), Payload: z.unknown() });

/** What the `lambda:invoke` integration does: JSON both ways, an error with the function's error name and its JSON as cause. */
async function invoke(functions: Readonly<Record<string, StepHandler>>, input: unknown): Promise<Json> {
  const { FunctionName, Payload } = z.parse(invokeInput, input);
  const handler = functions[FunctionName.replace(/^\$\{(\w+)\}$/, '$1')];
  if (handler === undefined) throw new Error(`No function ${FunctionName}`);
  try {
    const answer = await handler(JSON.parse(JSON.stringify(Payload)), TEST_CONTEXT);
    const payload: Json = JSON.parse(JSON.stringify(answer ?? null));
    return { StatusCode: 200, Payload: payload };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw Object.assign(new Error(JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] })), {
      name: error.name,
    });
  }
}

/** The process ends here: whatever the run would have done next never happens. */
function dead(abort: (() => void) | undefined): Promise<Json> {
  abort?.();
  return new Promise(() => undefined);
}
