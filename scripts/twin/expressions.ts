/**
 * The expressions that `functions/shared/table/render.ts` makes, read back and interpreted: the part of DynamoDB's
 * language that the project uses, and nothing else. Anything else throws, so that a new form is noticed.
 */

/** What a rendered expression's placeholders stand for. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

type Item = Readonly<Record<string, unknown>>;

/** A condition as parsed; `leaf` is one predicate with the placeholder of the path that it is about. */
type Parsed =
  | { readonly op: 'and' | 'or'; readonly of: readonly Parsed[] }
  | { readonly op: 'exists' | 'absent'; readonly path: string }
  | { readonly op: 'contains' | 'lacks'; readonly path: string; readonly value: string }
  | { readonly op: 'in'; readonly path: string; readonly values: readonly string[] }
  | { readonly op: 'size'; readonly path: string; readonly other: string }
  | { readonly op: 'compare'; readonly by: string; readonly path: string; readonly other: string };

const conditions = new Map<string, Parsed>();
const TOKEN = /\s*(?<token>[#:]\d+|<>|<=|>=|[=<>(),]|\w+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.groups?.['token'];
    if (token === undefined) throw new Error(`Not an expression of ours, from character ${at}: ${text}`);
    tokens.push(token);
  }
  return tokens;
}

/** Whether `item` meets the condition; leaves about an attribute that `ignored` names are taken as met. */
export function holds(
  text: string,
  { names, values }: Placeholders,
  item: Item | undefined,
  ignored?: (path: string) => boolean,
): boolean {
  let parsed = conditions.get(text);
  if (parsed === undefined) {
    const tokens = tokensOf(text);
    parsed = parseAny(tokens);
    if (tokens.length > 0) throw new Error(`Not a condition of ours: ${text}`);
    conditions.set(text, parsed);
  }
  const name = (placeholder: string): string => names[placeholder] ?? '';
  const valueAt = (placeholder: string): unknown =>
    placeholder.startsWith(':') ? values[placeholder] : item?.[name(placeholder)];
  const judge = (condition: Parsed): boolean => {
    if ('of' in condition) return condition.op === 'and' ? condition.of.every(judge) : condition.of.some(judge);
    if (ignored?.(name(condition.path)) === true) return true;
    const found = item?.[name(condition.path)];
    switch (condition.op) {
      case 'exists':
        return found !== undefined;
      case 'absent':
        return found === undefined;
      case 'contains':
        return found instanceof Set && found.has(values[condition.value]);
      case 'lacks':
        return !(found instanceof Set && found.has(values[condition.value]));
      case 'in':
        return condition.values.some((value) => values[value] === found);
      case 'size':
        return found instanceof Set && found.size === valueAt(condition.other);
      case 'compare':
        return compares(condition.by, found, valueAt(condition.other));
    }
  };
  return judge(parsed);
}

/** An absent attribute and one of another type meet no comparison but `<>`. */
function compares(by: string, left: unknown, right: unknown): boolean {
  if (by === '=') return left !== undefined && left === right;
  if (by === '<>') return left !== right;
  if (typeof left === 'number' && typeof right === 'number') return ordered(by, left - right);
  if (typeof left === 'string' && typeof right === 'string')
    return ordered(by, Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return false;
}

function ordered(by: string, difference: number): boolean {
  if (by === '<') return difference < 0;
  if (by === '<=') return difference <= 0;
  return by === '>' ? difference > 0 : difference >= 0;
}

function parseAny(tokens: string[]): Parsed {
  if (tokens.at(0) !== '(') return parseLeaf(tokens);
  tokens.shift();
  const of = [parseAny(tokens)];
  let op: 'and' | 'or' = 'and';
  for (;;) {
    const joint = tokens.shift();
    if (joint === ')') return { op, of };
    if (joint !== 'AND' && joint !== 'OR') throw new Error(`${joint} between two conditions`);
    op = joint === 'AND' ? 'and' : 'or';
    of.push(parseAny(tokens));
  }
}

function parseLeaf(tokens: string[]): Parsed {
  const first = tokens.shift() ?? '';
  if (first === 'NOT') return lacksOf(parseLeaf(tokens));
  if (first.startsWith('#')) {
    const by = tokens.shift() ?? '';
    if (by !== 'IN') return { op: 'compare', by, path: first, other: tokens.shift() ?? '' };
    expectToken(tokens, '(');
    const values: string[] = [];
    for (;;) {
      values.push(tokens.shift() ?? '');
      if (tokens.shift() !== ',') break;
    }
    return { op: 'in', path: first, values };
  }
  expectToken(tokens, '(');
  const path = tokens.shift() ?? '';
  if (first === 'contains') {
    expectToken(tokens, ',');
    const value = tokens.shift() ?? '';
    expectToken(tokens, ')');
    return { op: 'contains', path, value };
  }
  expectToken(tokens, ')');
  if (first === 'attribute_exists') return { op: 'exists', path };
  if (first === 'attribute_not_exists') return { op: 'absent', path };
  if (first !== 'size') throw new Error(`No function of ours: ${first}`);
  expectToken(tokens, '=');
  return { op: 'size', path, other: tokens.shift() ?? '' };
}

function lacksOf(negated: Parsed): Parsed {
  if (negated.op !== 'contains') throw new Error(`Not a condition of ours: NOT ${negated.op}`);
  return { ...negated, op: 'lacks' };
}

function expectToken(tokens: string[], token: string): void {
  const found = tokens.shift();
  if (found !== token) throw new Error(`${token} expected instead of ${found}`);
}

const VERBS = /(?:^|\s)(?<verb>SET|ADD|DELETE|REMOVE)\s(?<parts>(?:(?!\s(?:SET|ADD|DELETE|REMOVE)\s).)*)/g;

/** `item` as the update leaves it. @throws as DynamoDB refuses it, where a number or a set is not one */
export function updated(text: string, { names, values }: Placeholders, item: Item): Record<string, unknown> {
  const next: Record<string, unknown> = { ...item };
  for (const { groups } of text.matchAll(VERBS)) {
    for (const part of (groups?.['parts'] ?? '').split(', ')) {
      const [path = '', operand = ''] = part.split(/ = | /);
      const name = names[path] ?? '';
      const value = values[operand];
      switch (groups?.['verb'] ?? '') {
        case 'SET':
          next[name] = value;
          break;
        case 'ADD':
          next[name] = added(next[name], value);
          break;
        case 'DELETE':
          next[name] = without(next[name], value);
          break;
        default:
          delete next[name];
      }
      if (next[name] === undefined) delete next[name];
    }
  }
  return next;
}

function added(found: unknown, value: unknown): unknown {
  if (typeof value === 'number' && (found === undefined || typeof found === 'number')) return (found ?? 0) + value;
  if (value instanceof Set && (found === undefined || found instanceof Set))
    return new Set<unknown>([...(found ?? []), ...value]);
  throw new Error('ADD to something else');
}

/** A set that loses its last member is not there any more. */
function without(found: unknown, value: unknown): unknown {
  if (found === undefined) return undefined;
  if (!(found instanceof Set) || !(value instanceof Set)) throw new Error('DELETE from something else');
  const rest = new Set<unknown>([...found].filter((member) => !value.has(member)));
  return rest.size === 0 ? undefined : rest;
}
