import { ProvisionedThroughputExceededException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

import type { Table } from '../../functions/shared/table/client.ts';
import { itemBytes, readUnits, writeUnitsOf } from '../bench/capacity.ts';
import { Twin } from '../twin/twin.ts';
import { Partitions, type Draw } from './partitions.ts';
import type { Chance, Range } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How DynamoDB behaves beyond what it keeps: assumptions with their sources in `docs/on-sale.md`. */
export interface DynamoModel {
  /** How long a transaction keeps its items from others: from its preparation to its end. */
  readonly lock: Range;
  /** How long a read takes. */
  readonly read: Range;
  /** From the function to DynamoDB, and the same back. */
  readonly leg: Range;
  /** Write units a second that the table serves at once. */
  readonly warmWrites: number;
}

/** What somebody's requests have come to. */
export interface Usage {
  /** Transactions sent, the SDK's own retries of throttles left out. */
  transactions: number;
  conflicts: number;
  throttles: number;
  writeUnits: number;
  readUnits: number;
}

export function noUsage(): Usage {
  return { transactions: 0, conflicts: 0, throttles: 0, writeUnits: 0, readUnits: 0 };
}

/** Where a partition key lies, and how large its rows are, by sort key. */
interface Home {
  readonly partition: number;
  readonly bytes: Map<string, number>;
}

/** Writes of a transaction, each on one item. */
type Action = NonNullable<TransactWriteCommand['input']['TransactItems']>[number];

type Key = Readonly<Record<string, unknown>>;

const $metadata = { httpStatusCode: 400 };

/**
 * DynamoDB in virtual time: the twin keeps the items and judges the conditions; around it are partitions that throttle,
 * transactions that lock their items, and the time that all of it takes.
 */
export class ModelDynamo {
  readonly twin = new Twin();
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #model: DynamoModel;
  readonly #partitions: Partitions;
  readonly #locked = new Set<string>();
  /** Sizes by item as it is written: a try that is sent again writes the same object. */
  readonly #sizes = new WeakMap<object, number>();
  readonly #homes = new Map<string, Home>();

  constructor(time: VirtualTime, chance: Chance, model: DynamoModel) {
    this.#time = time;
    this.#chance = chance;
    this.#model = model;
    this.#partitions = new Partitions(model.warmWrites);
  }

  /** The table as one buyer's request reaches it; what that costs is added to `usage`. */
  tableFor(usage: Usage): Table {
    const client = { send: (command: unknown) => this.#answer(command, usage) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code under simulation only ever calls `send`
    return { name: this.twin.table.name, client: client as unknown as Table['client'] };
  }

  async #answer(command: unknown, usage: Usage): Promise<unknown> {
    await this.#travel();
    try {
      if (command instanceof TransactWriteCommand) return await this.#transact(command, usage);
      if (command instanceof BatchGetCommand) return await this.#batch(command, usage);
      if (command instanceof GetCommand) return await this.#get(command, usage);
      throw new Error('The model knows what a hold asks for and nothing else');
    } finally {
      await this.#travel();
    }
  }

  async #transact(command: TransactWriteCommand, usage: Usage): Promise<unknown> {
    const { TransactItems: actions = [] } = command.input;
    usage.transactions += 1;
    const draws = actions.map((action) => ({
      partition: this.#partitions.of(String(keyOf(action)['pk'])),
      units: this.#unitsOf(action),
    }));
    if (!this.#partitions.takeWrites(draws, this.#time.now)) {
      usage.throttles += 1;
      throw cancelled(actions.map(() => 'ThrottlingError'));
    }
    // Preparing is billed, whatever comes of it.
    usage.writeUnits += sumOf(draws);
    const ids = actions.map((action) => idOf(keyOf(action)));
    if (ids.some((id) => this.#locked.has(id))) {
      usage.conflicts += 1;
      throw cancelled(ids.map((id) => (this.#locked.has(id) ? 'TransactionConflict' : 'None')));
    }
    for (const id of ids) this.#locked.add(id);
    try {
      await this.#time.sleep(this.#chance.within(this.#model.lock));
      return await this.twin.table.client.send(command);
    } finally {
      for (const id of ids) this.#locked.delete(id);
    }
  }

  async #get(command: GetCommand, usage: Usage): Promise<unknown> {
    const { Key: key = {}, ConsistentRead } = command.input;
    const draw = this.#drawOf(key, ConsistentRead);
    if (!this.#partitions.takeReads(draw, this.#time.now)) {
      usage.throttles += 1;
      throw new ProvisionedThroughputExceededException({ message: 'modelled', $metadata });
    }
    usage.readUnits += draw.units;
    await this.#time.sleep(this.#chance.within(this.#model.read));
    return this.twin.table.client.send(command);
  }

  /** What partitions refuse comes back as unprocessed, and as a fault where that is all of it. */
  async #batch(command: BatchGetCommand, usage: Usage): Promise<unknown> {
    const [[name, request] = ['', { Keys: [] }]] = Object.entries(command.input.RequestItems ?? {});
    const keys = request.Keys ?? [];
    const served = keys.filter((key) => {
      const draw = this.#drawOf(key, request.ConsistentRead);
      if (!this.#partitions.takeReads(draw, this.#time.now)) return false;
      usage.readUnits += draw.units;
      return true;
    });
    if (served.length < keys.length) usage.throttles += 1;
    if (served.length === 0) throw new ProvisionedThroughputExceededException({ message: 'modelled', $metadata });
    await this.#time.sleep(this.#chance.within(this.#model.read));
    const answer = await this.twin.table.client.send(
      new BatchGetCommand({ RequestItems: { [name]: { ...request, Keys: served } } }),
    );
    if (served.length === keys.length) return answer;
    const left = keys.filter((key) => !served.includes(key));
    return { ...answer, UnprocessedKeys: { [name]: { ...request, Keys: left } } };
  }

  #travel(): Promise<void> {
    return this.#time.sleep(this.#chance.within(this.#model.leg));
  }

  #unitsOf({ Put, ...others }: Action): number {
    const item = Put?.Item;
    if (item === undefined) return writeUnitsOf(this.#bytesAt(keyOf(others)), true);
    let bytes = this.#sizes.get(item);
    if (bytes === undefined) this.#sizes.set(item, (bytes = bytesOf(item)));
    return writeUnitsOf(bytes, true);
  }

  /** What reading a key takes, from where. */
  #drawOf(key: Key, consistent: boolean | undefined): Draw {
    const { partition } = this.#homeOf(key);
    return { partition, units: readUnits(this.#bytesAt(key), consistent === true ? 'strong' : 'eventual') };
  }

  /** The size of what lies there: of rows that are updated it hardly changes, so it is measured once. */
  #bytesAt(key: Key): number {
    const home = this.#homeOf(key);
    const sk = String(key['sk']);
    const known = home.bytes.get(sk);
    if (known !== undefined) return known;
    const item = this.twin.at(key);
    if (item === undefined) return 0;
    const bytes = bytesOf(item);
    home.bytes.set(sk, bytes);
    return bytes;
  }

  #homeOf(key: Key): Home {
    const pk = String(key['pk']);
    const known = this.#homes.get(pk);
    if (known !== undefined) return known;
    const home: Home = { partition: this.#partitions.of(pk), bytes: new Map() };
    this.#homes.set(pk, home);
    return home;
  }
}

function keyOf({ Put, Update, Delete, ConditionCheck }: Action): Key {
  return Update?.Key ?? Put?.Item ?? Delete?.Key ?? ConditionCheck?.Key ?? {};
}

function idOf(key: Key): string {
  return `${String(key['pk'])} ${String(key['sk'])}`;
}

function bytesOf(item: Readonly<Record<string, unknown>>): number {
  return itemBytes(marshall(item, { removeUndefinedValues: true }));
}

function sumOf(draws: readonly Draw[]): number {
  return draws.reduce((sum, { units }) => sum + units, 0);
}

function cancelled(codes: readonly string[]): Error {
  return new TransactionCanceledException({
    message: 'modelled',
    $metadata,
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}
