/**
 * Every expected failure that a client can meet: its stable code, HTTP status and title. Written once;
 * the problem answers, the OpenAPI document and the tests are derived from it (RFC 9457).
 */
export const PROBLEMS = {
  MALFORMED_JSON: { status: 400, title: 'The body is not valid JSON' },
  INVALID_INPUT: { status: 400, title: 'The input is not valid' },
  WEAK_PASSWORD: { status: 400, title: 'The password is too weak' },
  CREDENTIALS_CONFLICT: { status: 400, title: 'A session and an API key at once' },
  INVALID_SIGNATURE: { status: 400, title: 'The signature does not match' },
  NOT_SIGNED_IN: { status: 401, title: 'Sign in first' },
  INVALID_CREDENTIALS: { status: 401, title: 'E-mail or password is wrong' },
  PAYMENT_FAILED: { status: 402, title: 'The payment was not made' },
  NOT_ALLOWED: { status: 403, title: 'Not allowed' },
  PAST_THE_EDGE: { status: 403, title: 'Not reached through the site' },
  CSRF_TOKEN_INVALID: { status: 403, title: 'The CSRF token is missing or wrong' },
  CROSS_SITE_REQUEST: { status: 403, title: 'Sent by another site' },
  EMAIL_NOT_VERIFIED: { status: 403, title: 'Verify your e-mail address first' },
  ACCOUNT_BANNED: { status: 403, title: 'This account is barred' },
  INVITED_OTHER_ADDRESS: { status: 403, title: 'The invitation went to another address' },
  RECENT_LOGIN_REQUIRED: { status: 403, title: 'Log in again first' },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such route' },
  WALLET_NOT_AVAILABLE: { status: 404, title: 'Tickets cannot be put into this wallet here' },
  SERIES_NOT_FOUND: { status: 404, title: 'No such series' },
  IMAGE_NOT_FOUND: { status: 404, title: 'No such picture' },
  EVENT_NOT_FOUND: { status: 404, title: 'No such event' },
  USER_NOT_FOUND: { status: 404, title: 'No such account' },
  API_KEY_NOT_FOUND: { status: 404, title: 'No such API key' },
  INVITATION_NOT_FOUND: { status: 404, title: 'No such invitation' },
  MEMBER_NOT_FOUND: { status: 404, title: 'No such member' },
  ORGANIZATION_NOT_FOUND: { status: 404, title: 'No such organisation' },
  TEMPLATE_VERSION_UNKNOWN: { status: 404, title: 'No such version of the template' },
  VENUE_NOT_FOUND: { status: 404, title: 'No such venue' },
  SEATING_PLAN_NOT_FOUND: { status: 404, title: 'No such seating plan' },
  SESSION_NOT_FOUND: { status: 404, title: 'No such session' },
  CANCELLATION_NOT_FOUND: { status: 404, title: 'The event is not being cancelled' },
  TICKET_TYPE_NOT_FOUND: { status: 404, title: 'No such ticket type' },
  RESERVATION_NOT_FOUND: { status: 404, title: 'No such reservation' },
  CASE_NOT_FOUND: { status: 404, title: 'No such case' },
  ORDER_ITEM_NOT_FOUND: { status: 404, title: 'The order has no such item' },
  ORDER_NOT_FOUND: { status: 404, title: 'No such order' },
  PRINT_JOB_NOT_FOUND: { status: 404, title: 'No such print job' },
  TICKET_NOT_FOUND: { status: 404, title: 'No such ticket' },
  EMAIL_ALREADY_REGISTERED: { status: 409, title: 'The address has an account already' },
  SOLD_OUT: { status: 409, title: 'Sold out' },
  SEATS_TAKEN: { status: 409, title: 'Others have these seats' },
  NOT_ENOUGH_TICKETS: { status: 409, title: 'Not that many tickets are left' },
  PRICE_CHANGED: { status: 409, title: 'The price has changed' },
  SOLD_OUT_REFUNDED: { status: 409, title: 'Sold out; the payment was given back' },
  NOT_PENDING: { status: 409, title: 'The order is no longer open' },
  NOT_PAID: { status: 409, title: 'The order is not paid' },
  ALREADY_REFUNDED: { status: 409, title: 'All of it has been given back' },
  CASE_HAS_NO_REFUND: { status: 409, title: 'The case is about no refund' },
  RESOLUTION_NOT_FOR_CASE: { status: 409, title: 'The case is not closed like that' },
  REVIEW_OVER: { status: 409, title: 'The time to decide is over' },
  REFUND_NOT_FAILED: { status: 409, title: 'The refund has not failed' },
  ORDER_DISPUTED: { status: 409, title: 'The payment is disputed' },
  TOO_MANY_REFUNDS: { status: 409, title: 'As many refunds as one order can have' },
  EVENT_NOT_EDITABLE: { status: 409, title: 'The event can no longer be changed' },
  EVENT_NOT_OVER: { status: 409, title: 'The event is not over' },
  EVENT_NOT_PUBLISHED: { status: 409, title: 'The event is not published' },
  EVENT_HAS_SALES: { status: 409, title: 'Tickets of the event are held or sold' },
  EVENT_TOO_LARGE: { status: 409, title: 'The event is too large for that' },
  TICKET_TYPE_HAS_SALES: { status: 409, title: 'Tickets of the type are held or sold' },
  QUANTITY_TOO_LOW: { status: 409, title: 'More tickets than that are held, sold or blocked' },
  LAST_TICKET_TYPE: { status: 409, title: 'An event sells at least one type of ticket' },
  ALREADY_INVITED: { status: 409, title: 'The address is invited already' },
  TOO_MANY_INVITATIONS: { status: 409, title: 'As many open invitations as there can be' },
  TOO_MANY_VERSIONS: { status: 409, title: 'As many versions as one template can have' },
  TOO_MANY_KEYS: { status: 409, title: 'As many live API keys as there can be' },
  LAST_ORGANIZER: { status: 409, title: 'An organisation needs an organizer' },
  LAST_ADMIN: { status: 409, title: 'An admin must be left' },
  NOT_DRAFT: { status: 409, title: 'Only a draft can be changed like this' },
  VENUE_ARCHIVED: { status: 409, title: 'The venue is archived' },
  TICKET_OFFERED_ALREADY: { status: 409, title: 'The ticket is offered to somebody' },
  TICKET_IS_YOURS: { status: 409, title: 'The ticket is yours already' },
  TOO_MANY_TRANSFERS: { status: 409, title: 'The ticket has changed hands too often' },
  TOO_MANY_REISSUES: { status: 409, title: 'As many new codes as a ticket can have' },
  TOO_MANY_NAMES: { status: 409, title: 'As many names as a ticket can have' },
  TICKETS_NOT_ISSUED: { status: 409, title: 'The order has no tickets' },
  TICKET_PRINTED_ALREADY: { status: 409, title: 'The ticket was printed before' },
  PRINT_LEASE_LOST: { status: 409, title: 'The print job is no longer yours' },
  TICKET_NOT_VALID: { status: 409, title: 'The ticket is no longer valid' },
  PHONE_MISSING: { status: 409, title: 'The profile has no phone number' },
  IDEMPOTENCY_KEY_REUSED: { status: 409, title: 'The idempotency key belongs to another request' },
  ATTENDEES_DIFFER: { status: 409, title: 'The order was made with other names' },
  PAYMENT_INTENT_MISMATCH: { status: 409, title: 'That payment belongs to another order' },
  RESERVATION_EXPIRED: { status: 410, title: 'The hold has lapsed' },
  TOKEN_INVALID_OR_EXPIRED: { status: 410, title: 'The link is spent or too old' },
  PHONE_CODE_INVALID_OR_EXPIRED: { status: 410, title: 'The code is spent or too old' },
  PRECONDITION_FAILED: { status: 412, title: 'It has been changed since you read it' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  NOT_JSON: { status: 415, title: 'Send JSON' },
  CARD_NUMBER_REFUSED: { status: 422, title: 'Card numbers are not taken here' },
  SEATING_PLAN_INVALID: { status: 422, title: 'The seating plan cannot be used' },
  TEMPLATE_INVALID: { status: 422, title: 'The words cannot be used' },
  EVENT_IS_PUBLISHED: { status: 422, title: 'Not of a published event' },
  STOCK_IS_SEATS: { status: 422, title: 'The stock is seats of a plan' },
  STOCK_IS_COUNTED: { status: 422, title: 'The type has no numbered seats' },
  EVENT_IN_PAST: { status: 422, title: 'The event lies in the past' },
  PASSWORD_WRONG: { status: 422, title: 'That is not the password' },
  PHONE_CODE_WRONG: { status: 422, title: 'That is not the code' },
  PHONE_NOT_VERIFIED: { status: 422, title: 'The phone number is not proven' },
  PHONE_NOT_REACHABLE: { status: 422, title: 'The phone number takes no messages' },
  CONSENT_NEEDED: { status: 422, title: 'This consent cannot be changed' },
  LIMIT_EXCEEDED: { status: 422, title: 'More tickets than one person may have' },
  TOO_MANY_MEMBERSHIPS: { status: 422, title: 'More members or posts than there can be' },
  SINGLE_SEAT_LEFT: { status: 422, title: 'A single seat would be left' },
  SALE_NOT_OPEN: { status: 422, title: 'Not on sale at this time' },
  CART_EMPTY: { status: 422, title: 'The cart is empty' },
  CART_FULL: { status: 422, title: 'The cart is full' },
  TOO_MANY_ATTENDEES: { status: 422, title: 'More names than tickets' },
  NAME_FROM_PROFILE: { status: 422, title: 'The ticket shows the name of an account' },
  CURRENCIES_DIFFER: { status: 422, title: 'One order takes one currency' },
  OUTSIDE_CANCELLATION_WINDOW: { status: 422, title: 'It can no longer be given back' },
  NOT_ENOUGH_FUNDS: { status: 422, title: 'Not that much is left to give back' },
  AMOUNT_NOT_PAYABLE: { status: 422, title: 'The total cannot be paid by card' },
  ACCOUNT_LOCKED: { status: 423, title: 'The account is locked for a while' },
  PRECONDITION_REQUIRED: { status: 428, title: 'Say which version you have read' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side' },
  BUSY: { status: 503, title: 'Very busy; try again in a moment' },
  SEARCH_UNAVAILABLE: { status: 503, title: 'The search is not ready' },
  SMS_PROVIDER_UNAVAILABLE: { status: 503, title: 'Text messages cannot be sent now' },
  PAYMENT_PROVIDER_UNAVAILABLE: { status: 503, title: 'The payment provider does not answer' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** A stable upper-case code of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Every code, in the order of the table. */
export const PROBLEM_CODES: readonly ProblemCode[] = Object.keys(PROBLEMS).filter(
  (code): code is ProblemCode => code in PROBLEMS,
);

/**
 * An expected failure on its way to a client.
 *
 * `detail` tells the reader what to do next and never echoes a secret; `extra` holds the members that
 * the contract adds for this code (for example `available`).
 */
export interface Problem<Code extends ProblemCode = ProblemCode> {
  readonly code: Code;
  readonly detail: string;
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** What is wrong where, for invalid input. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A problem with `code`; see {@link Problem} for the parameters. */
export function problem<Code extends ProblemCode>(
  code: Code,
  detail: string,
  more: Omit<Problem, 'code' | 'detail'> = {},
): Problem<Code> {
  return { code, detail, ...more };
}

/** Thrown where a problem ends a request from deep inside, as a middleware must. */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly problem: Problem;

  constructor(cause: Problem) {
    super(`${cause.code}: ${cause.detail}`);
    this.problem = cause;
  }
}
