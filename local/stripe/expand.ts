import { StripeFailure } from './errors.ts';
import { page } from './lists.ts';
import type { Store } from './store.ts';

const MAX_DEPTH = 4;
type Json = Readonly<Record<string, unknown>>;

const EXPANDABLE = new Set([
  'data',
  'latest_charge',
  'charge',
  'payment_intent',
  'payment_method',
  'balance_transaction',
  'failure_balance_transaction',
  'source',
  'refunds',
]);

/**
 * Refuses an unknown path before the request has any effect.
 * @throws StripeFailure 400
 */
export function checkExpand(paths: readonly string[]): void {
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > MAX_DEPTH + 1 || !steps.every((step) => EXPANDABLE.has(step))) throw cannotExpand(path);
  }
}

/**
 * Replaces ids by their objects, as `expand[]=latest_charge.balance_transaction` asks. In a list
 * the paths begin with `data.`.
 */
export function expandAnswer(answer: object, paths: readonly string[], store: Store): object {
  let expanded: Json = { ...answer };
  for (const path of paths) {
    const steps = path.split('.');
    expanded = expandStep(expanded, steps, store);
  }
  return expanded;
}

function expandStep(object: Json, steps: readonly string[], store: Store): Json {
  const [name, ...rest] = steps;
  if (name === undefined) return object;
  const value = object[name];
  if (Array.isArray(value) && name === 'data') {
    return {
      ...object,
      data: value.map((item: unknown) => (isObject(item) ? expandStep(item, rest, store) : item)),
    };
  }
  if (name === 'refunds' && object['object'] === 'charge') {
    const refunds = page(
      store.refunds,
      `/v1/charges/${String(object['id'])}/refunds`,
      { limit: 100 },
      (refund) => refund.charge === object['id'],
    );
    return { ...object, refunds };
  }
  if (value === null) return object;
  const found = typeof value === 'string' ? lookUp(name, value, store) : value;
  // A path that this kind of object does not have leaves the answer as it is: its effect has happened.
  if (!isObject(found)) return object;
  return { ...object, [name]: rest.length === 0 ? found : expandStep(found, rest, store) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(name: string, id: string, store: Store): object | undefined {
  switch (name) {
    case 'latest_charge':
    case 'charge':
      return store.charges.get(id);
    case 'payment_intent':
      return store.paymentIntents.get(id);
    case 'payment_method':
      return store.paymentMethods.get(id)?.object;
    case 'balance_transaction':
    case 'failure_balance_transaction':
      return store.balanceTransactions.get(id);
    case 'source':
      return store.charges.get(id) ?? store.refunds.get(id) ?? store.disputes.get(id);
    default:
      return undefined;
  }
}

function cannotExpand(path: string): StripeFailure {
  return new StripeFailure(
    400,
    {
      type: 'invalid_request_error',
      message: `This property cannot be expanded (${path}).`,
      param: 'expand',
    },
    'validation',
  );
}
