import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

/** Starts the workflow that gives the buyers of a cancelled event their money back. */
export interface CancellationRuns {
  /** Once for each name; an execution takes over from any before it. */
  start(cancellation: { readonly cancellationId: string; readonly eventId: string }, attempt: string): Promise<void>;
}

/** Cancellations as executions of the Standard state machine `stateMachineArn`. */
export function cancellationRuns(stateMachineArn: string): CancellationRuns {
  const client = new SFNClient({ maxAttempts: 2, requestHandler: { requestTimeout: 3_000 } });
  return {
    start: async ({ cancellationId, eventId }, attempt) => {
      const name = `${cancellationId}-${attempt}`;
      const input = JSON.stringify({ cancellationId, eventId, run: name });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
  };
}
