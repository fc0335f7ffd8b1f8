import { DeleteCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';

import type { Sale, SeatRow, TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Pool } from '../../functions/inventory/domain/pool.ts';
import { poolKey } from '../../functions/inventory/keys.ts';
import { prepareStock } from '../../functions/inventory/operations.ts';
import { findPool, findTicketTypes } from '../../functions/inventory/reads.ts';
import { openSale } from '../../functions/inventory/sale-writes.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { advance } from '../../functions/shared/table/aggregate.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { Key } from '../../functions/shared/table/keys.ts';
import type { Write } from '../../functions/shared/table/writes.ts';
import { Twin, type TwinItem } from '../../scripts/twin/twin.ts';
import { ticketType } from '../inventory/on-sale.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const occasion = { now: NOW, correlationId: 'mutant', by: 'system' };
export const refused = (): 'REFUSED' => 'REFUSED';

/** What a pool of a house is filled with. */
export type Filling = number | readonly SeatRow[];

/** A house in memory with one pool on sale, in which somebody may come in between. */
export class House {
  readonly twin = new Twin();
  readonly table: Table = this.twin.table;
  readonly types: readonly Sale[];
  poolId = '';

  /** @param types that share the pool */
  constructor(types = 1) {
    this.types = Array.from({ length: types }, (_unused, index) => {
      const as = { ticketTypeId: derivedId('type', String(index)), eventId: derivedId('event') };
      const { poolId: _pool, blocks: _blocks, capacity: _capacity, ...sale } = ticketType(NOW, as);
      return { ...sale, organizationId: derivedId('organization') };
    });
  }

  /** Gets stock ready without selling it. */
  async prepare(filling: Filling, table: Table = this.table) {
    const stock =
      typeof filling === 'number'
        ? { kind: 'COUNT' as const, capacity: filling }
        : { kind: 'SEATS' as const, rows: filling };
    const prepared = await prepareStock(table, [{ name: 'house', stock, types: this.types }], occasion);
    this.poolId = prepared[0]?.pool.poolId ?? '';
    return prepared;
  }

  async open(filling: Filling): Promise<this> {
    const opened = await this.commit(openSale(await this.prepare(filling), occasion, refused));
    if (opened !== 'DONE') throw new Error('A fresh house does not open');
    return this;
  }

  /** What becomes of writes. */
  async commit(writes: readonly Write<unknown>[]): Promise<'DONE' | 'REFUSED'> {
    return (await commit(this.table, writes)).ok ? 'DONE' : 'REFUSED';
  }

  async pool(): Promise<Pool> {
    const pool = await findPool(this.table, this.poolId);
    if (pool === undefined) throw new Error('There is no pool');
    return pool;
  }

  async copies(): Promise<readonly TicketTypeCopy[]> {
    const ids = this.types.map(({ ticketTypeId }) => ticketTypeId);
    return [...(await findTicketTypes(this.table, ids, 'strong')).values()];
  }

  row(key: Key): TwinItem | undefined {
    return this.twin.at({ ...key });
  }

  /** Puts a row as nobody should. */
  async plant(key: Key, item: Readonly<Record<string, unknown>>): Promise<void> {
    await this.table.client.send(new PutCommand({ TableName: this.table.name, Item: { ...key, ...item } }));
  }

  async uproot(key: Key): Promise<void> {
    await this.table.client.send(new DeleteCommand({ TableName: this.table.name, Key: { ...key } }));
  }

  /** Moves the pool's row on, as any operation on it would. */
  async touchPool(): Promise<void> {
    const cause = { ...occasion, event: 'inventory.Touched.v1' };
    const { write } = advance(await this.pool(), {}, cause, refused);
    if ((await this.commit([write])) !== 'DONE') throw new Error('The pool moved by itself');
  }

  /** The table, with somebody who acts right before the first transaction that is sent to it. */
  interrupted(meanwhile: () => Promise<unknown>): Table {
    let waiting = true;
    const send = async (command: unknown): Promise<unknown> => {
      if (waiting && command instanceof TransactWriteCommand) {
        waiting = false;
        await meanwhile();
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- passed on as it came
      return this.table.client.send(command as TransactWriteCommand);
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code under test only ever calls `send`
    return { ...this.table, client: { send } as unknown as Table['client'] };
  }

  poolRow(): TwinItem | undefined {
    return this.row(poolKey(this.poolId));
  }
}

/** Rows of three seats. */
export function rows(count: number): readonly SeatRow[] {
  return Array.from({ length: count }, (_unused, row) => ({
    label: String(row + 1),
    centre: 1,
    distance: 300 + 30 * row,
    pitch: 24,
    seats: [1, 2, 3].map((number) => ({ id: `${row + 1}-${number}`, number: String(number) })),
  }));
}

export const LATER = NOW + 9 * HOUR;
