/**
 * Judging an action against policy statements. Loaded both by the runtime and by every worker thread,
 * so it depends on nothing.
 */

/** A statement of an identity policy, as CDK's grants write them. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Context key → patterns of which one must match; absent without conditions. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

/** One use of a permission: what was asked of which resource. */
export interface Use {
  /** Like `dynamodb:UpdateItem`. */
  readonly action: string;
  /** ARN, or `*` for an action without a resource. */
  readonly resource: string;
  /** Values of condition keys, like `ses:FromAddress`. */
  readonly context?: Readonly<Record<string, string>>;
}

const patterns = new Map<string, RegExp>();

/** Whether a policy pattern (`*`, `?`) matches a whole value, ignoring case as action names do. */
export function matches(pattern: string, value: string): boolean {
  if (pattern === value || pattern === '*') return true;
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    expression = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is');
    patterns.set(pattern, expression);
  }
  return expression.test(value);
}

/** Whether one statement speaks about a use. */
export function applies(statement: Statement, use: Use): boolean {
  return (
    statement.actions.some((action) => matches(action, use.action)) &&
    statement.resources.some((resource) => matches(resource, use.resource)) &&
    Object.entries(statement.conditions ?? {}).every(([key, allowed]) => {
      const value = use.context?.[key];
      return value !== undefined && allowed.some((pattern) => matches(pattern, value));
    })
  );
}

/** Whether statements allow a use: some allow applies and no deny does. */
export function allows(statements: readonly Statement[], use: Use): boolean {
  const applying = statements.filter((statement) => applies(statement, use));
  return applying.length > 0 && applying.every(({ effect }) => effect === 'Allow');
}
