import {
  ExecutionAbortedError,
  ExecutionTimeoutError,
  type StateMachine as Interpreter,
} from 'aws-local-stepfunctions';
import * as z from 'zod';

/** An error as Step Functions names it, like `ExecutionAlreadyExists`. */
export class StatesError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Schema of {@link Execution}, as it is kept on disk. */
export const Execution = z.object({
  executionArn: z.string(),
  stateMachineArn: z.string(),
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  /** Epoch seconds. */
  startDate: z.number(),
  stopDate: z.number().optional(),
  input: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
/** An execution as DescribeExecution shows it. */
export type Execution = z.output<typeof Execution>;

/** A run of the interpreter. */
export type Run = ReturnType<Interpreter['run']>;
/** An event of the interpreter's log. */
export type HistoryEvent = Run['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

/** How an execution ended that did not succeed. */
export function failureOf(error: unknown): Pick<Execution, 'status' | 'error' | 'cause'> {
  if (error instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT', error: 'States.Timeout' };
  if (error instanceof ExecutionAbortedError) return { status: 'ABORTED' };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? { status: 'FAILED', error: cause.name, cause: cause.message }
    : { status: 'FAILED', error: 'States.Runtime', cause: String(cause) };
}

/** An event in the shape of GetExecutionHistory; its details are the interpreter's. */
export function historyEvent(event: HistoryEvent, index: number): object {
  const { type, timestamp, ...details } = event;
  const state = 'state' in event ? event.state : undefined;
  const name =
    state !== undefined && (type === 'StateEntered' || type === 'StateExited') ? `${state.type}${type}` : type;
  const kind = type === 'StateEntered' ? 'stateEnteredEventDetails' : 'stateExitedEventDetails';
  const stateDetails =
    state === undefined
      ? { details }
      : {
          [kind]: { name: state.name, input: JSON.stringify(state.input), output: JSON.stringify(state.output) },
          details,
        };
  return { id: index + 1, previousEventId: index, timestamp: timestamp / 1_000, type: name, ...stateDetails };
}
