/**
 * A reason why the local system cannot start (or go on) that a person can act on.
 *
 * The message is one sentence that names what is wrong; the command line prints it alone, without a
 * stack trace, and exits with 1. Anything else that is thrown is a bug of the runtime.
 */
export class StartFailure extends Error {
  override name = 'StartFailure';
}

/** The message of anything thrown, for log lines. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
