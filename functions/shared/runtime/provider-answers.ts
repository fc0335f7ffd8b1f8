const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'Throttled',
  'ThrottledException',
  'TooManyRequestsException',
]);

/**
 * What is known of a request to a provider that takes no idempotency key, after it failed. REFUSED: the provider definitely did
 * not take it, which a 4xx answer says, or a connection that was never made. THROTTLED: nor did it, since it is asked too often.
 * UNKNOWN: it may have taken it.
 */
export function failureOf(error: unknown): 'REFUSED' | 'THROTTLED' | 'UNKNOWN' {
  if (!(error instanceof Error)) return 'UNKNOWN';
  if (THROTTLED.has(error.name)) return 'THROTTLED';
  if ('code' in error && NEVER_REACHED.has(String(error.code))) return 'REFUSED';
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 ? 'REFUSED' : 'UNKNOWN';
}

/** The name of what was thrown: the only part that quotes no address and no number (invariant I19). */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
