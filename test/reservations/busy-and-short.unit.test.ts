import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockKey, blockNumberOf } from '../../functions/inventory/keys.ts';
import { stockMemory, type StockMemory } from '../../functions/inventory/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { OPENED_AT, putOnSale } from '../../scripts/simulate/stock.ts';
import { Twin } from '../../scripts/twin/twin.ts';

const TICKETS = 40;
const BLOCKS = 8;

let twin: Twin;
let type: TicketTypeCopy;
let now: number;
let memory: StockMemory;
/** Requests since they were last counted: transactions by the block of each, and reads. */
let sent: { blocks: number[]; tokens: unknown[]; reads: number };
/** Whether operations on the pool get in between any two reads. */
let operated: boolean;
/** What befalls a transaction that takes from a block. */
let fault: ((block: number) => Error | undefined) | undefined;

beforeEach(async () => {
  twin = new Twin();
  type = await putOnSale(twin.table, TICKETS, BLOCKS);
  now = OPENED_AT + 10_000;
  memory = stockMemory(() => now);
  fault = undefined;
  operated = false;
  sent = { blocks: [], tokens: [], reads: 0 };
});

function table(): Table {
  const send = (command: unknown): Promise<unknown> => {
    if (command instanceof TransactWriteCommand) {
      const taken = (command.input.TransactItems ?? []).flatMap(({ Update }) => Update?.Key?.['pk'] ?? []);
      const [block = -1] = taken.map((pk) => blockNumberOf(String(pk)));
      sent.blocks.push(block);
      sent.tokens.push(command.input.ClientRequestToken);
      const thrown = fault?.(block);
      if (thrown !== undefined) return Promise.reject(thrown);
    } else sent.reads += 1;
    if (command instanceof GetCommand && operated) return overtaken(command);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a client is only ever asked to send
    return twin.table.client.send(command as never);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
  return { name: twin.table.name, client: { send } as unknown as Table['client'] };
}

/** The pool's row as if it had changed since it was last read. */
async function overtaken(command: GetCommand): Promise<unknown> {
  const { Item: item } = await twin.table.client.send(command);
  return { Item: { ...item, ver: sent.reads } };
}

let buyers = 0;
function hold(quantity: number): ReturnType<typeof placeHold> {
  buyers += 1;
  const [orderId, customerId] = [derivedId('hold', String(buyers)), derivedId('buyer', String(buyers))];
  const wishes = [{ ticketTypeId: type.ticketTypeId, quantity }];
  const types = new Map([[type.ticketTypeId, type]]);
  const occasion = { now, correlationId: 'test', by: 'system' };
  return placeHold(table(), { orderId, customerId, wishes, types, memory, retriable: false }, occasion);
}

const conflict = (): Error =>
  new TransactionCanceledException({
    message: 'modelled',
    $metadata: {},
    CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
  });

describe('who meets another in a block', () => {
  it('goes to another block at once', async () => {
    let busy: number | undefined;
    fault = (block) => (block === (busy ??= block) ? conflict() : undefined);
    expect((await hold(2)).ok).toBe(true);
    expect(sent.blocks).toHaveLength(2);
    expect(new Set(sent.blocks).size, 'two blocks').toBe(2);
  });

  it('waits at last where all are busy, and takes nothing twice', async () => {
    let met = 0;
    fault = () => ((met += 1) <= 6 ? conflict() : undefined);
    const held = await hold(2);
    expect(held).toMatchObject({ ok: true, value: { reservation: { lines: [{ quantity: 2 }] } } });
    const waited = sent.blocks.slice(3);
    expect(new Set(waited).size, 'three moves, then the same block').toBe(1);
    expect(sent.blocks).toHaveLength(7);
    now += 60_000;
    expect((await hold(TICKETS - 1)).ok).toBe(false);
    expect((await hold(TICKETS - 2)).ok, 'all but the two are free').toBe(true);
  });

  it('stays where it may have been served: an answer that was lost says nothing', async () => {
    const lost = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    let asked = 0;
    fault = () => {
      asked += 1;
      return asked === 1 ? lost : asked === 2 ? conflict() : undefined;
    };
    expect((await hold(2)).ok).toBe(true);
    expect([new Set(sent.blocks).size, new Set(sent.tokens).size]).toEqual([1, 1]);
  });
});

describe('an environment that holds one time after the other', () => {
  it('goes on in the block that it is at home in, and looks around once three quarters of what was there are taken', async () => {
    for (let buyer = 0; buyer < 4; buyer += 1) expect((await hold(1)).ok).toBe(true);
    expect(new Set(sent.blocks).size, 'four of five tickets from one block').toBe(1);
    expect(sent.reads, 'one look').toBe(1);
    expect((await hold(1)).ok).toBe(true);
    expect(new Set(sent.blocks).size, 'then from another, which is fuller').toBe(2);
    expect(sent.reads).toBe(2);
  });

  it('takes from all blocks evenly, so that the end is not sold from a few', async () => {
    for (let taken = 0; taken < 32; taken += 1) expect((await hold(1)).ok).toBe(true);
    const shares = [...Map.groupBy(sent.blocks, (block) => block).values()].map((takes) => takes.length);
    expect(shares).toEqual(Array.from({ length: BLOCKS }, () => 4));
  });

  it('leaves a home that it has met another in', async () => {
    expect((await hold(1)).ok).toBe(true);
    const [home] = sent.blocks;
    fault = (block) => (block === home ? conflict() : undefined);
    expect((await hold(1)).ok).toBe(true);
    fault = undefined;
    expect((await hold(1)).ok).toBe(true);
    expect(sent.blocks.slice(0, 2)).toEqual([home, home]);
    expect(sent.blocks.slice(2)).not.toContain(home);
    expect(new Set(sent.blocks.slice(2)).size, 'a new home').toBe(1);
  });

  it('leaves a home that others have emptied', async () => {
    expect((await hold(1)).ok).toBe(true);
    const [home = -1] = sent.blocks;
    const emptied = { kind: 'update', key: blockKey(type.poolId, home), set: { free: 0 } } as const;
    await commit(twin.table, [{ ...emptied, otherwise: mustHold('the block is there') }]);
    expect((await hold(1)).ok).toBe(true);
    expect((await hold(1)).ok).toBe(true);
    expect(sent.blocks.slice(0, 2), 'tried where it was at home').toEqual([home, home]);
    expect(sent.blocks.slice(2)).not.toContain(home);
  });

  it('is asked whether a larger party fits before it is sent there', async () => {
    expect((await hold(2)).ok).toBe(true);
    expect((await hold(3)).ok).toBe(true);
    expect(new Set(sent.blocks).size).toBe(2);
    expect(sent.blocks, 'no try that was bound to fail').toHaveLength(2);
  });

  it('knows of no home in a pool of one block, and looks at nothing', async () => {
    type = await putOnSale(twin.table, TICKETS, 1);
    expect((await hold(1)).ok).toBe(true);
    expect(sent).toMatchObject({ blocks: [0], reads: 0 });
    expect(memory.homes.find(type.poolId, 1)).toBeUndefined();
  });
});

describe('a pool that is short', () => {
  const codeOf = async (quantity: number): Promise<string> => {
    const held = await hold(quantity);
    return held.ok ? 'HELD' : held.error.code;
  };

  it('is proven once a second by an environment, however many ask', async () => {
    for (let left = TICKETS; left > 0; left -= 4) expect(await codeOf(4)).toBe('HELD');
    expect(await codeOf(1)).toBe('SOLD_OUT');
    sent = { blocks: [], tokens: [], reads: 0 };
    for (let buyer = 0; buyer < 100; buyer += 1) expect(await codeOf(1 + (buyer % 4))).toBe('SOLD_OUT');
    expect(sent).toEqual({ blocks: [], tokens: [], reads: 0 });
    now += 1_001;
    expect(await codeOf(1)).toBe('SOLD_OUT');
    expect(sent.reads, 'proven anew').toBeGreaterThan(0);
  });

  it('is not proven while operations move stock past the reader: the buyer is to come back', async () => {
    expect(await codeOf(TICKETS)).toBe('HELD');
    operated = true;
    await expect(hold(1)).rejects.toThrow(StoreBusyError);
    operated = false;
    expect(await codeOf(1), 'nor kept').toBe('SOLD_OUT');
  });

  it('is short for those alone who want more than was proven', async () => {
    expect(await codeOf(38)).toBe('HELD');
    expect(await codeOf(3)).toBe('NOT_ENOUGH_TICKETS');
    expect(await codeOf(2)).toBe('HELD');
  });

  it('sells what comes back within a second, and at once where the clock was set back', async () => {
    expect(await codeOf(TICKETS)).toBe('HELD');
    expect(await codeOf(1)).toBe('SOLD_OUT');
    type = await putOnSale(twin.table, TICKETS, BLOCKS);
    expect(await codeOf(1)).toBe('SOLD_OUT');
    now -= 1;
    expect(await codeOf(1)).toBe('HELD');
    now += 1_002;
    expect(await codeOf(1)).toBe('HELD');
  });
});
