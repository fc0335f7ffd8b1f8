import type { Cause, Engine } from './engine.ts';
import type { FormHash } from './form.ts';
import type { ParamReader } from './params.ts';

/** A call that passed authentication and validation. */
export interface Call<P> {
  readonly engine: Engine;
  readonly params: P;
  /** The `:id` of the path, or the empty string. */
  readonly id: string;
  readonly cause: Cause;
  /** A caller with only the client secret sees less of a PaymentIntent. */
  readonly client: boolean;
  /** The fault `balance_insufficient` struck this call. */
  readonly balanceInsufficient: boolean;
}

/** A route with its parameters hidden behind `prepare`, so that all fit in one table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Such as `/v1/payment_intents/:id/capture`. */
  readonly path: string;
  /** Whether a caller with only a client secret may use it. */
  readonly clientMay: boolean;
  /** Validates; the returned function executes and answers the object. */
  readonly prepare: (form: FormHash) => {
    readonly expand: readonly string[];
    readonly run: (call: Omit<Call<unknown>, 'params'>) => object;
  };
}

/** Declares a route: everything that `params` does not declare is refused. */
export function route<P extends { readonly expand?: string[] }>(
  method: Route['method'],
  path: string,
  params: ParamReader<P>,
  run: (call: Call<P>) => object,
  clientMay = false,
): Route {
  return {
    method,
    path,
    clientMay,
    prepare(form) {
      const read = params(form);
      return { expand: read.expand ?? [], run: (call) => run({ ...call, params: read }) };
    },
  };
}

/** Finds the route of a request and the id in its path. */
export interface Router {
  find(method: string, path: string): { readonly route: Route; readonly id: string } | undefined;
}

/** Builds the routing table: one map lookup per request, with ids folded to `:id`. */
export function router(routes: readonly Route[]): Router {
  const table = new Map(routes.map((entry) => [`${entry.method} ${entry.path}`, entry]));
  return {
    find(method, path) {
      const exact = table.get(`${method} ${path}`);
      if (exact !== undefined) return { route: exact, id: '' };
      const parts = path.split('/');
      const id = parts[3] ?? '';
      const found = table.get(`${method} ${['', parts[1], parts[2], ':id', ...parts.slice(4)].join('/')}`);
      return found === undefined || id === '' ? undefined : { route: found, id };
    },
  };
}
