import * as z from 'zod/mini';

/**
 * Environment variables are declared as schemas beside the contracts and read once at cold start. The CDK
 * constructs take their values from the same schemas, so a missing variable does not compile.
 */
export const tableEnv = z.object({
  /** Name of the one table. */
  TABLE_NAME: z.string(),
});

/** What every function behind the HTTP API needs; `http.ts` reads it itself. */
export const httpEnv = z.object({
  /** SSM parameter with the keys that prove a request came through the distribution; empty where there is none. */
  ORIGIN_KEYS_PARAMETER: z.string(),
  /** Where people reach the site, without a slash at the end: links lead there, and a page of ours has its origin. */
  PUBLIC_URL: z.url(),
});

/** What every function that checks sessions needs beside the table. */
export const sessionEnv = z.extend(tableEnv, {
  ...httpEnv.shape,
  /** SSM parameter that holds the key ring of session tokens. */
  SESSION_KEYS_PARAMETER: z.string(),
});

/** What every function that hands out page cursors needs; see `cursor.ts`. */
export const cursorEnv = z.object({
  /** SSM parameter with the key that signs cursors, kind `random-32-bytes`. */
  CURSOR_KEY_PARAMETER: z.string(),
});

/** Reads the variables of `schema` from the environment. @throws when one is missing or malformed */
export function readEnv<S extends z.ZodMiniObject>(schema: S): z.infer<S> {
  const parsed = z.safeParse(schema, process.env);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join('.'));
  throw new Error(`Environment variables missing or malformed: ${names.join(', ')}`);
}
