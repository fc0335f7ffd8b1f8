import {
  ConditionalCheckFailedException,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

import type { Table } from '../../functions/shared/table/client.ts';
import { holds, updated, type Placeholders } from './expressions.ts';

/** An item as it lies in the table. */
export type TwinItem = Readonly<Record<string, unknown>>;

/** What a write did to one item. */
export interface Change {
  readonly before: TwinItem | undefined;
  readonly after: TwinItem | undefined;
}

/** How the twin behaves beyond keeping items. */
export interface Behaviour {
  /** Awaited before each request is looked at, and before each item of a batch is read: others may come in between. */
  readonly turn?: () => Promise<void>;
  /** What befalls a write: a conflict or throttle before it is taken, an answer lost after it was. */
  readonly fault?: () => 'CONFLICT' | 'THROTTLE' | 'LOST' | undefined;
  /** Told of each request that changed something, at the moment that it did. */
  readonly committed?: (changes: readonly Change[]) => void;
  /** Conditions about this attribute of items with this sort key are taken as met: a program that has forgotten them. */
  readonly forgotten?: { readonly sk: string; readonly path: string };
}

/** What of a rendered write the twin reads. */
interface Part {
  /** A condition check, which changes nothing. */
  readonly checkOnly?: true;
  readonly Item?: Record<string, unknown> | undefined;
  readonly Key?: Record<string, unknown> | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

const $metadata = { httpStatusCode: 400 };

/**
 * DynamoDB in memory, for as much of it as the project's writes and reads use: what takes minutes on an emulator takes
 * seconds here, with faults that the emulator does not have. It is held against DynamoDB Local by `test/twin`.
 */
export class Twin {
  /** The table that the code under test uses. */
  readonly table: Table;
  readonly #items = new Map<string, TwinItem>();
  /** The same items by partition: a query looks at nothing else. */
  readonly #partitions = new Map<unknown, Map<string, TwinItem>>();
  readonly #tokens = new Set<string>();
  readonly #behaviour: Behaviour;

  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
    const client = { send: (command: unknown) => this.#answer(command) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code under test only ever calls `send`
    this.table = { name: 'twin', client: client as unknown as Table['client'] };
  }

  /** Every item, in no order. */
  items(): readonly TwinItem[] {
    return [...this.#items.values()];
  }

  /** What lies at a key, seen from outside. */
  at(key: Readonly<Record<string, unknown>>): TwinItem | undefined {
    return this.#items.get(idOf(key));
  }

  /** Whether nothing lies in a partition, seen from outside. */
  isEmpty(pk: string): boolean {
    return (this.#partitions.get(pk)?.size ?? 0) === 0;
  }

  async #answer(command: unknown): Promise<unknown> {
    const { turn } = this.#behaviour;
    if (turn !== undefined) await turn();
    if (command instanceof GetCommand) return { Item: copyOf(this.#items.get(idOf(command.input.Key))) };
    if (command instanceof BatchGetCommand) {
      const [[name, { Keys = [] }] = ['', {}]] = Object.entries(command.input.RequestItems ?? {});
      const found: TwinItem[] = [];
      for (const key of Keys) {
        // A batch is not read at one moment.
        if (turn !== undefined) await turn();
        const item = copyOf(this.#items.get(idOf(key)));
        if (item !== undefined) found.push(item);
      }
      return { Responses: { [name]: found } };
    }
    if (command instanceof QueryCommand) return this.#query(command.input);
    if (command instanceof BatchWriteCommand) {
      const puts = Object.values(command.input.RequestItems ?? {}).flat();
      this.#apply(puts.map(({ PutRequest }) => ({ Item: PutRequest?.Item ?? {} })));
      return {};
    }
    return this.#write(command);
  }

  #query({
    ExpressionAttributeValues: values = {},
    ScanIndexForward,
    Limit,
    ...input
  }: QueryCommand['input']): unknown {
    if (input.IndexName !== undefined) throw new Error('The twin has no index');
    const after = input.KeyConditionExpression?.includes('>') === true;
    const [pk, bound] = [values[':pk'], String(values[':after'] ?? values[':prefix'] ?? '')];
    const matching = [...(this.#partitions.get(pk)?.values() ?? [])].filter((item) => {
      const sk = String(item['sk']);
      return after ? sk > bound : values[':after'] === undefined ? sk.startsWith(bound) : sk < bound;
    });
    const sorted = matching.toSorted((left, right) => (String(left['sk']) < String(right['sk']) ? -1 : 1));
    const ordered = ScanIndexForward === false ? sorted.toReversed() : sorted;
    // Pages are not what the twin is for: all in one, or as many as asked for and a key to go on from.
    const from = ordered.findIndex((item) => item['sk'] === input.ExclusiveStartKey?.['sk']) + 1;
    const page = ordered.slice(from, from + (Limit ?? ordered.length));
    const last = page.at(-1);
    return {
      Items: page.map(copyOf),
      ...(from + page.length < ordered.length && last !== undefined
        ? { LastEvaluatedKey: { pk: last['pk'], sk: last['sk'] } }
        : {}),
    };
  }

  #write(command: unknown): unknown {
    const fault = this.#behaviour.fault?.();
    if (fault === 'THROTTLE') throw new ProvisionedThroughputExceededException({ message: 'injected', $metadata });
    if (command instanceof TransactWriteCommand) {
      const { TransactItems = [], ClientRequestToken = '' } = command.input;
      if (fault === 'CONFLICT') throw cancelled(TransactItems.map(() => ({ Code: 'TransactionConflict' })));
      if (!this.#tokens.has(ClientRequestToken)) {
        this.#transact(TransactItems.map(partOf));
        this.#tokens.add(ClientRequestToken);
      }
    } else {
      const part = singlePart(command);
      const found = this.#refused(part);
      if (found !== undefined)
        throw new ConditionalCheckFailedException({ message: 'injected', $metadata, ...itemOf(found.item) });
      this.#apply([part]);
    }
    if (fault === 'LOST') throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
    return {};
  }

  #transact(parts: readonly Part[]): void {
    const ids = new Set(parts.map((part) => idOf(part.Key ?? part.Item)));
    if (ids.size !== parts.length || parts.length > 100)
      throw Object.assign(new Error('Two actions on one item, or too many'), { name: 'ValidationException' });
    const refusals = parts.map((part) => this.#refused(part));
    if (refusals.some((refusal) => refusal !== undefined))
      throw cancelled(
        refusals.map((refusal) =>
          refusal === undefined ? { Code: 'None' } : { Code: 'ConditionalCheckFailed', ...itemOf(refusal.item) },
        ),
      );
    this.#apply(parts);
  }

  /** The item that stands in the way of a write, if its condition fails. */
  #refused(part: Part): { readonly item: TwinItem | undefined } | undefined {
    const { ConditionExpression: text } = part;
    if (text === undefined) return undefined;
    const item = this.#items.get(idOf(part.Key ?? part.Item));
    const sk = (part.Key ?? part.Item)?.['sk'];
    const { forgotten } = this.#behaviour;
    const ignored = forgotten?.sk === sk ? (path: string): boolean => path === forgotten?.path : undefined;
    return holds(text, placeholdersOf(part), item, ignored) ? undefined : { item };
  }

  #apply(parts: readonly Part[]): void {
    const changes = parts.flatMap((part): Change[] => {
      const id = idOf(part.Key ?? part.Item);
      const before = this.#items.get(id);
      const after = nextOf(part, before);
      if (after === before) return [];
      this.#keep(id, before, after);
      return [{ before, after }];
    });
    if (changes.length > 0) this.#behaviour.committed?.(changes);
  }

  #keep(id: string, before: TwinItem | undefined, after: TwinItem | undefined): void {
    const pk = (after ?? before)?.['pk'];
    const partition = this.#partitions.get(pk) ?? new Map<string, TwinItem>();
    this.#partitions.set(pk, partition);
    if (after === undefined) {
      this.#items.delete(id);
      partition.delete(id);
    } else {
      this.#items.set(id, after);
      partition.set(id, after);
    }
  }
}

/** What a write leaves of an item: what was there, for a check; nothing, for a delete. */
function nextOf(part: Part, before: TwinItem | undefined): TwinItem | undefined {
  if (part.Item !== undefined) return copyOf(part.Item);
  if (part.UpdateExpression !== undefined)
    return copyOf(updated(part.UpdateExpression, placeholdersOf(part), before ?? { ...part.Key }));
  return part.checkOnly === true ? before : undefined;
}

type TransactItem = NonNullable<TransactWriteCommand['input']['TransactItems']>[number];

function partOf({ Put, Update, Delete, ConditionCheck }: TransactItem): Part {
  const part = Put ?? Update ?? Delete;
  if (part !== undefined) return part;
  return { ...ConditionCheck, checkOnly: true };
}

function singlePart(command: unknown): Part {
  if (command instanceof PutCommand || command instanceof UpdateCommand || command instanceof DeleteCommand)
    return command.input;
  throw new Error('The twin does not know this command');
}

function placeholdersOf({
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: Part): Placeholders {
  return { names, values };
}

function idOf(key: Readonly<Record<string, unknown>> | undefined): string {
  return `${String(key?.['pk'])} ${String(key?.['sk'])}`;
}

function cancelled(reasons: readonly { Code: string; Item?: Record<string, AttributeValue> }[]): Error {
  return new TransactionCanceledException({ message: 'injected', $metadata, CancellationReasons: [...reasons] });
}

function itemOf(item: TwinItem | undefined): { Item?: Record<string, AttributeValue> } {
  return item === undefined ? {} : { Item: marshall(item, { removeUndefinedValues: true }) };
}

function copyOf<T>(value: T): T;
function copyOf(value: unknown): unknown {
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return value.map((member: unknown) => copyOf(member));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) if (member !== undefined) copy[name] = copyOf(member);
  return copy;
}
