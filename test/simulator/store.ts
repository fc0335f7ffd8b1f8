import {
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
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

import type { Table } from '../../functions/shared/table/client.ts';
import { Twin, type Behaviour, type Change, type TwinItem } from '../../scripts/twin/twin.ts';
import type { FaultKind, Scheduler } from './scheduler.ts';

const $metadata = { httpStatusCode: 400 };
/** More than one commit tries. */
const BUSY_FOR = 12;

const READ_FAULTS = ['CRASH_BEFORE', 'TIMEOUT'] as const;
const WRITE_FAULTS = ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'TIMEOUT', 'CONFLICT', 'BUSY'] as const;
const BATCH_FAULTS = ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'TIMEOUT'] as const;

/** The table of a history: the twin of DynamoDB behind the scheduler. */
export class Store {
  readonly table: Table;
  readonly #twin: Twin;
  readonly #scheduler: Scheduler;
  /** Writes that still meet others, by their first item: what is busy stays so for a moment. */
  readonly #busy = new Map<string, number>();

  constructor(
    scheduler: Scheduler,
    committed: (changes: readonly Change[]) => void,
    forgotten: Behaviour['forgotten'],
  ) {
    this.#scheduler = scheduler;
    this.#twin = new Twin({ committed, ...(forgotten === undefined ? {} : { forgotten }) });
    const client = { send: (command: unknown) => this.#send(command) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code under test only ever calls `send`
    this.table = { name: 'twin', client: client as unknown as Table['client'] };
  }

  /** The table without the scheduler, for what is there before the history begins. */
  get bare(): Table {
    return this.#twin.table;
  }

  items(): readonly TwinItem[] {
    return this.#twin.items();
  }

  /**
   * Whether this reads a minute of a due-list in which nothing lies. Jobs read hundreds of these, and that is no turn of its own:
   * whoever dies there might as well die at its next call, and what others do meanwhile might as well follow.
   */
  #isNothingDue(command: unknown): command is QueryCommand {
    const pk: unknown = command instanceof QueryCommand ? command.input.ExpressionAttributeValues?.[':pk'] : undefined;
    return typeof pk === 'string' && pk.startsWith('DUE#') && this.#twin.isEmpty(pk);
  }

  async #send(command: unknown): Promise<unknown> {
    if (this.#isNothingDue(command)) return this.#twin.table.client.send(command);
    const { label, kinds, first } = described(command);
    const busy = this.#busy.get(first) ?? 0;
    return this.#scheduler.call({
      label,
      kinds,
      effect: async () => {
        if (busy > 0) {
          this.#busy.set(first, busy - 1);
          throw conflict(command);
        }
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- handed on as it came
        return this.#twin.table.client.send(command as GetCommand);
      },
      failure: (kind) => {
        if (kind === 'BUSY') this.#busy.set(first, BUSY_FOR);
        return failure(kind, command);
      },
    });
  }
}

function failure(kind: FaultKind, command: unknown): Error {
  if (kind === 'CONFLICT' || kind === 'BUSY') return conflict(command);
  if (kind === 'RATE_LIMIT') return new ProvisionedThroughputExceededException({ message: 'injected', $metadata });
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
}

function conflict(command: unknown): Error {
  if (!(command instanceof TransactWriteCommand))
    return new TransactionConflictException({ message: 'injected', $metadata });
  const reasons = (command.input.TransactItems ?? []).map(() => ({ Code: 'TransactionConflict' }));
  return new TransactionCanceledException({ message: 'injected', $metadata, CancellationReasons: reasons });
}

interface Described {
  readonly label: string;
  readonly kinds: readonly FaultKind[];
  /** The first item that it is about. */
  readonly first: string;
}

function described(command: unknown): Described {
  if (command instanceof GetCommand) return reads('reads', [command.input.Key]);
  if (command instanceof BatchGetCommand)
    return reads(
      'reads',
      Object.values(command.input.RequestItems ?? {}).flatMap(({ Keys = [] }) => Keys),
    );
  if (command instanceof QueryCommand)
    return reads('lists', [{ pk: command.input.ExpressionAttributeValues?.[':pk'], sk: '' }]);
  if (command instanceof BatchWriteCommand) {
    const items = Object.values(command.input.RequestItems ?? {}).flatMap((puts) =>
      puts.map(({ PutRequest }) => PutRequest?.Item),
    );
    return { ...reads('puts', items), kinds: BATCH_FAULTS };
  }
  return { ...reads('writes', keysOf(command)), kinds: WRITE_FAULTS };
}

function keysOf(command: unknown): readonly (Record<string, unknown> | undefined)[] {
  if (command instanceof PutCommand) return [command.input.Item];
  if (command instanceof UpdateCommand || command instanceof DeleteCommand) return [command.input.Key];
  if (!(command instanceof TransactWriteCommand)) throw new Error('The simulator does not know this command');
  return (command.input.TransactItems ?? []).map(
    ({ Put, Update, Delete, ConditionCheck }) => Put?.Item ?? (Update ?? Delete ?? ConditionCheck)?.Key,
  );
}

function reads(verb: string, keys: readonly (Record<string, unknown> | undefined)[]): Described {
  const named = keys.map((key) => {
    const [pk, sk] = [String(key?.['pk']), String(key?.['sk'])];
    return sk === '' || sk.startsWith('TL#') ? `${pk.split('#')[0]}${sk === '' ? '' : '/history'}` : sk.split('#')[0];
  });
  return {
    label: `${verb} ${[...new Set(named)].join(', ')}`,
    kinds: READ_FAULTS,
    first: `${String(keys[0]?.['pk'])} ${String(keys[0]?.['sk'])}`,
  };
}
