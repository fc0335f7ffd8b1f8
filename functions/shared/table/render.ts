import { unreachable } from '../kernel/result.ts';
import type { Attributes, Condition, Update, Value, Write } from './writes.ts';

/** The names and values that an expression refers to, collected while it is rendered. */
class Placeholders {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  #byPath = new Map<string, string>();

  name(path: string): string {
    let placeholder = this.#byPath.get(path);
    if (placeholder === undefined) {
      placeholder = `#${this.#byPath.size}`;
      this.#byPath.set(path, placeholder);
      this.names[placeholder] = path;
    }
    return placeholder;
  }

  value(value: unknown): string {
    const placeholder = `:${Object.keys(this.values).length}`;
    this.values[placeholder] = value;
    return placeholder;
  }

  /** DynamoDB refuses empty maps of names and values, so they are left out. */
  parts(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Record<string, unknown> } {
    return {
      ...(Object.keys(this.names).length > 0 ? { ExpressionAttributeNames: this.names } : {}),
      ...(Object.keys(this.values).length > 0 ? { ExpressionAttributeValues: this.values } : {}),
    };
  }
}

function renderCondition(condition: Condition, to: Placeholders): string {
  switch (condition.op) {
    case 'exists':
      return `attribute_exists(${to.name(condition.path)})`;
    case 'absent':
      return `attribute_not_exists(${to.name(condition.path)})`;
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `${to.name(condition.path)} ${condition.op} ${to.value(condition.value)}`;
    case 'in':
      return `${to.name(condition.path)} IN (${condition.values.map((value) => to.value(value)).join(', ')})`;
    case 'contains':
      return `contains(${to.name(condition.path)}, ${to.value(condition.value)})`;
    case 'lacks':
      return `NOT contains(${to.name(condition.path)}, ${to.value(condition.value)})`;
    case 'same':
      return `${to.name(condition.path)} = ${to.name(condition.other)}`;
    case 'counts':
      return `size(${to.name(condition.path)}) = ${to.name(condition.other)}`;
    case 'members':
      return `size(${to.name(condition.path)}) = ${to.value(condition.value)}`;
    case 'and':
    case 'or':
      return `(${condition.of.map((part) => renderCondition(part, to)).join(condition.op === 'and' ? ' AND ' : ' OR ')})`;
    default:
      return unreachable(condition);
  }
}

function renderUpdate(update: Update<unknown>, to: Placeholders): string {
  const entries = (from: Readonly<Record<string, Value | undefined>> | undefined): [string, Value][] =>
    Object.entries(from ?? {}).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  const pairs = (from: Readonly<Record<string, Value | undefined>> | undefined, joint: string): string[] =>
    entries(from).map(([path, value]) => `${to.name(path)}${joint}${to.value(value)}`);

  const sections: [string, string[]][] = [
    ['SET', pairs(update.set, ' = ')],
    ['ADD', [...pairs(update.add, ' '), ...pairs(update.include, ' ')]],
    ['DELETE', pairs(update.exclude, ' ')],
    ['REMOVE', (update.remove ?? []).map((path) => to.name(path))],
  ];
  return sections
    .filter(([, parts]) => parts.length > 0)
    .map(([verb, parts]) => `${verb} ${parts.join(', ')}`)
    .join(' ');
}

/** One entry of a TransactWriteItems request, in the document client's shape. */
export interface RenderedWrite {
  readonly Put?: RenderedParts & { Item: Record<string, unknown> };
  readonly Update?: RenderedParts & { Key: Record<string, unknown>; UpdateExpression: string };
  readonly Delete?: RenderedParts & { Key: Record<string, unknown> };
  readonly ConditionCheck?: RenderedParts & { Key: Record<string, unknown>; ConditionExpression: string };
}

interface RenderedParts {
  TableName: string;
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD';
}

/**
 * The DynamoDB form of `write`. Every expression is made of placeholders: no input ever becomes part of
 * its text.
 */
export function render(write: Write<unknown>, TableName: string): RenderedWrite {
  const to = new Placeholders();
  const UpdateExpression = write.kind === 'update' ? renderUpdate(write, to) : '';
  const ConditionExpression = write.when === undefined ? undefined : renderCondition(write.when, to);
  const common = {
    TableName,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
    ...to.parts(),
  };
  const Key = { ...write.key };
  switch (write.kind) {
    case 'put':
      return { Put: { ...common, Item: { ...Key, ...present(write.item) } } };
    case 'update':
      return { Update: { ...common, Key, UpdateExpression } };
    case 'delete':
      return { Delete: { ...common, Key } };
    case 'check':
      return { ConditionCheck: { ...common, Key, ConditionExpression: ConditionExpression ?? '' } };
    default:
      return unreachable(write);
  }
}

function present(item: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}
