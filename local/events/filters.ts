import { isRecord } from '../cloudformation/intrinsics.ts';
import { StartFailure } from '../failure.ts';

/**
 * Lambda's event filter language. Each rule of a pattern's list is a literal or one operator; a value
 * matches a list when it matches one of its rules, and a list of values when one of them does.
 * Source: Lambda developer guide, "Filter rule syntax".
 */
const OPERATORS = ['exists', 'prefix', 'suffix', 'anything-but', 'numeric', 'equals-ignore-case'];

/** Reads the patterns of an event source mapping; an unknown operator stops the start by name. */
export function parsePatterns(patterns: readonly string[], where: string): unknown[] {
  return patterns.map((pattern) => {
    const parsed: unknown = JSON.parse(pattern);
    check(parsed, where);
    return parsed;
  });
}

function check(pattern: unknown, where: string): void {
  if (!isRecord(pattern)) throw new StartFailure(`${where}: a filter pattern must be an object.`);
  for (const [key, value] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(value)) {
      for (const each of value) check(each, where);
    } else if (!Array.isArray(value)) {
      check(value, where);
    } else {
      for (const operator of value.filter(isRecord).flatMap((rule) => Object.keys(rule))) {
        if (!OPERATORS.includes(operator)) {
          throw new StartFailure(`${where}: the local runtime does not know the filter operator ${operator}.`);
        }
      }
    }
  }
}

/** Whether an event passes: without patterns always, else when one of them matches. */
export function passes(patterns: readonly unknown[], event: unknown): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, event));
}

function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (!isRecord(pattern)) return false;
  return Object.entries(pattern).every(([key, rule]) => {
    if (key === '$or' && Array.isArray(rule)) return rule.some((each) => matchesPattern(each, event));
    const value = isRecord(event) ? event[key] : undefined;
    return Array.isArray(rule) ? rule.some((each) => matchesRule(each, value)) : matchesPattern(rule, value);
  });
}

function matchesRule(rule: unknown, value: unknown): boolean {
  if (isRecord(rule) && 'exists' in rule) {
    // `exists` speaks about leaves: an object is no value.
    return rule['exists'] === (value !== undefined && !isRecord(value));
  }
  if (Array.isArray(value)) return value.some((each) => matchesRule(rule, each));
  if (!isRecord(rule)) return value === rule;
  return Object.entries(rule).every(([operator, argument]) => matchesOperator(operator, argument, value));
}

function matchesOperator(operator: string, argument: unknown, value: unknown): boolean {
  switch (operator) {
    case 'prefix':
      return typeof value === 'string' && typeof argument === 'string' && value.startsWith(argument);
    case 'suffix':
      return typeof value === 'string' && typeof argument === 'string' && value.endsWith(argument);
    case 'equals-ignore-case':
      return (
        typeof value === 'string' && typeof argument === 'string' && value.toLowerCase() === argument.toLowerCase()
      );
    case 'anything-but': {
      const unwanted = Array.isArray(argument) ? argument : [argument];
      return value !== undefined && !isRecord(value) && !unwanted.some((each) => matchesRule(each, value));
    }
    case 'numeric':
      return Array.isArray(argument) && matchesNumeric(argument, value);
    default:
      return false;
  }
}

function matchesNumeric(terms: readonly unknown[], value: unknown): boolean {
  if (typeof value !== 'number') return false;
  for (let index = 0; index < terms.length; index += 2) {
    const bound = Number(terms[index + 1]);
    const holds =
      (terms[index] === '=' && value === bound) ||
      (terms[index] === '<' && value < bound) ||
      (terms[index] === '<=' && value <= bound) ||
      (terms[index] === '>' && value > bound) ||
      (terms[index] === '>=' && value >= bound);
    if (!holds) return false;
  }
  return true;
}
