/** A route of an HTTP API, like `GET /events/{id}`, `ANY /files/{path+}` or `$default`. */
export interface RouteRule<Target> {
  readonly routeKey: string;
  readonly target: Target;
}

/** A route that a request takes. */
export interface RouteMatch<Target> {
  readonly routeKey: string;
  readonly target: Target;
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Compiled<Target> extends RouteRule<Target> {
  readonly method: string;
  readonly segments: readonly string[];
}

/**
 * API Gateway's choice of a route: the most specific path wins (a fixed segment before `{param}` before
 * `{proxy+}`, from left to right), a named method before `ANY`, and `$default` last.
 */
export class RouteTable<Target> {
  readonly #routes: readonly Compiled<Target>[];
  readonly #fallback: RouteRule<Target> | undefined;

  constructor(rules: readonly RouteRule<Target>[]) {
    this.#fallback = rules.find(({ routeKey }) => routeKey === '$default');
    this.#routes = rules
      .filter(({ routeKey }) => routeKey !== '$default')
      .map((rule) => {
        const [method = '', path = ''] = rule.routeKey.split(' ');
        return { ...rule, method, segments: path.split('/').slice(1) };
      })
      .toSorted((left, right) => rank(left).localeCompare(rank(right)));
  }

  /** The route of a request; the path is the raw one, without the query. */
  find(method: string, path: string): RouteMatch<Target> | undefined {
    const segments = path.split('/').slice(1);
    for (const route of this.#routes) {
      if (route.method !== 'ANY' && route.method !== method) continue;
      const pathParameters = matchSegments(route.segments, segments);
      if (pathParameters !== undefined) return { routeKey: route.routeKey, target: route.target, pathParameters };
    }
    return this.#fallback === undefined ? undefined : { ...this.#fallback, pathParameters: {} };
  }
}

function rank({ segments, method }: Compiled<unknown>): string {
  const path = segments.map((segment) => (!segment.startsWith('{') ? '0' : segment.endsWith('+}') ? '2' : '1'));
  return `${path.join('')}${method === 'ANY' ? '~' : '}'}`;
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (part.endsWith('+}')) {
      const rest = segments.slice(index).join('/');
      if (rest === '') return undefined;
      parameters[part.slice(1, -2)] = decodeURIComponent(rest);
      return parameters;
    }
    if (segment === undefined) return undefined;
    if (part.startsWith('{') && segment !== '') parameters[part.slice(1, -1)] = decodeURIComponent(segment);
    else if (part !== segment) return undefined;
  }
  return segments.length === pattern.length ? parameters : undefined;
}
