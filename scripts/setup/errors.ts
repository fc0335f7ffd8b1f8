/** Turns whatever went wrong into one sentence that says what to do next. */

/** An expected obstacle, already worded for the reader. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** Only a person can go on (nobody at the terminal, a value that only they know). */
export class NeedsPerson extends Error {
  override readonly name = 'NeedsPerson';
  readonly todo: readonly string[];

  constructor(message: string, todo: readonly string[]) {
    super(message);
    this.todo = todo;
  }
}

const ACCESS_DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'DependencyAccessDeniedException',
  'UnauthorizedOperation',
]);

const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const THROTTLED = new Set(['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'TooManyRequestsException']);

const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', 'ETIMEDOUT']);

/**
 * Is this AWS's answer "no such thing"? Services disagree on its name.
 *
 * @param error what was thrown
 * @param names the names that the called service uses
 */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/**
 * One sentence about an error, for the operator.
 *
 * @param error what was thrown
 * @param permissions IAM actions of the step, named if AWS does not say which one is missing
 * @returns a sentence; the caller still passes it through the redactor
 */
export function explain(error: unknown, permissions: readonly string[]): string {
  if (!(error instanceof Error)) return `Something that is not an error was thrown: ${typeof error}.`;
  if (error instanceof SetupError || error instanceof NeedsPerson) return error.message;
  if (isStripeError(error)) return explainStripe(error);
  if (ACCESS_DENIED.has(error.name)) return explainDenial(error, permissions);
  if (NO_CREDENTIALS.has(error.name)) {
    return 'There are no AWS credentials that AWS accepts: sign in again (for example `aws sso login`) or set AWS_PROFILE, then run this again.';
  }
  if (THROTTLED.has(error.name)) return 'AWS is throttling these calls: wait a minute and run this again.';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNREACHABLE.has(code) || error.name === 'TimeoutError') {
    return `The service could not be reached (${code || error.name}): check the network or proxy and run this again.`;
  }
  return `${error.name}: ${error.message}`;
}

function explainDenial(error: Error, permissions: readonly string[]): string {
  const action = /not authorized to perform:? ([\w-]+:\w+)/.exec(error.message)?.[1];
  const who = /User: (arn:[\w:/+=,.@-]+)/.exec(error.message)?.[1] ?? 'the signed-in identity';
  const blockedBy = /explicit deny in an? ([\w -]+?) policy/.exec(error.message)?.[1];
  const needed = action ?? `one of ${permissions.join(', ')}`;
  if (blockedBy !== undefined) {
    return `Permission ${needed} is denied to ${who} by a ${blockedBy} policy: ask its owner to allow it.`;
  }
  return `Permission ${needed} is missing for ${who}: add it to its IAM policy and run this again.`;
}

type StripeFailure = Error & { readonly type: string };

function isStripeError(error: Error): error is StripeFailure {
  return 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe');
}

/** Stripe's messages quote parts of keys, so only their kind is used. */
function explainStripe(error: StripeFailure): string {
  switch (error.type) {
    case 'StripeAuthenticationError':
      return 'Stripe does not accept the secret key: it was mistyped, rolled or revoked.';
    case 'StripePermissionError':
      return 'The Stripe key is restricted: allow it Balance read and Webhook Endpoints write, or use the standard secret key.';
    case 'StripeConnectionError':
      return 'Stripe could not be reached: check the network or proxy and run this again.';
    case 'StripeRateLimitError':
      return 'Stripe is limiting these calls: wait a minute and run this again.';
    default:
      return `Stripe refused the request (${error.type}): see the request log in its dashboard.`;
  }
}
