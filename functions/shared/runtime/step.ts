import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';

import { logFault } from './log.ts';

/** Thrown by a step for a definite refusal: the workflow catches it by `name`. */
export class StepRefusal extends Error {
  override readonly name: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/** One step of a workflow: the name that its state sends, its input, what it does. */
export interface Step {
  readonly name: string;
  readonly run: (input: unknown) => Promise<unknown>;
}

/** Declares a step that takes what `input` describes. */
export function step<Schema extends z.ZodMiniType>(
  name: string,
  input: Schema,
  run: (input: z.infer<Schema>) => Promise<unknown>,
): Step {
  return { name, run: (given) => run(z.parse(input, given)) };
}

const invocation = z.object({ step: z.string(), input: z.unknown() });

/** The bundle for functions that are steps of a state machine; the payload is `{step, input}`. */
export function stepFunction(steps: readonly Step[]): (event: unknown, context: Context) => Promise<unknown> {
  const byName = new Map(steps.map((entry) => [entry.name, entry]));
  return middy<unknown, unknown>().handler(async (event) => {
    const { step: name, input } = z.parse(invocation, event);
    const entry = byName.get(name);
    if (entry === undefined) throw new Error(`No step named ${name}`);
    try {
      return await entry.run(input);
    } catch (error) {
      if (!(error instanceof StepRefusal)) logFault('STEP_FAULT', error, { step: name });
      throw error;
    }
  });
}
