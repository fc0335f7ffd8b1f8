import type { Take } from '../../inventory/contract.ts';
import { blocksToProbe, findTakes, withEnough, type BlockState, type StockMemory } from '../../inventory/reads.ts';
import { allotTakes } from '../../inventory/writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { StoreBusyError } from '../../shared/table/commit.ts';
import type { Gap } from '../../inventory/seating.ts';
import type { Demand, LineTakes } from '../domain/hold.ts';

/** What one try at a hold is to take from a pool. */
export interface Choice {
  /** What each line of the demand takes. */
  readonly lines: readonly LineTakes[];
  /** Where no sale may leave a single seat: what this one leaves beside its seats, by block. */
  readonly gaps?: ReadonlyMap<number, readonly Gap[]>;
  /** Where another place is as good: what to try instead when others are at this one just then. */
  readonly elsewhere?: () => Choice;
  /** Is told that the choice came about. */
  readonly taken?: () => void;
}

/** A block that did not have what was to be taken from it, and its row as it was then. */
export interface Refusal {
  readonly block: number;
  readonly found: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Looks for the stock that a demand wants. Each `next` is a choice to try: first a guess, then, as blocks
 * refuse, one that follows from reading them. It is told which have refused the choice before.
 *
 * @throws StoreBusyError when the stock was there but other buyers kept getting in between
 */
export interface Search {
  readonly next: (refusals: readonly Refusal[]) => Promise<Result<Choice, Problem>>;
}

/** Blocks of a pool that are tried one by one before all of them are read; reading all is a round trip too. */
const GUESSES = 2;
/**
 * Times that a buyer goes to another block rather than wait for a busy one: whoever waits comes back while it is still
 * locked as often as not, whoever goes meets nobody as often as at first.
 */
const MOVES = 3;
/** Blocks of a pool that are looked at before one is tried, where this environment does not know of one. */
const LOOKED_AT = 8;
/** Rounds of reading all blocks of a pool and gathering; each may lose its race against other buyers. */
const GATHERINGS = 4;

/**
 * Searches counted stock: in the block where this environment is at home, else in the fullest of some that a hash picks; SOLD_OUT or NOT_ENOUGH_TICKETS is answered only
 * after a consistent read of all blocks shows it, never because of a conflict (invariant I21).
 *
 * @param seed spreads buyers over the blocks
 * @param memory where this environment is at home, and what was proven lately: who would find too little is told so before
 * anything is tried
 */
export function searchCount(
  table: Table,
  demand: Demand,
  seed: string,
  { shortages, homes }: Partial<StockMemory> = {},
): Search {
  const { copy, quantity, lines } = demand;
  const { poolId } = copy;
  const split = (takes: readonly Take[]): Choice => ({
    lines: allotTakes(
      takes,
      lines.map((line) => line.quantity),
    ).map((part) => ({ takes: part })),
  });
  let seen: BlockState[] | undefined;
  const whole = (block: number, moves = 0): Choice => {
    if (copy.blocks === 1) return split([{ block, quantity }]);
    const choice = { ...split([{ block, quantity }]), taken: () => homes?.took(poolId, block, quantity) };
    if (moves === MOVES) return choice;
    const elsewhere = (): Choice => {
      homes?.leave(poolId, block);
      return whole(settled(seen?.shift()) ?? otherThan(block, blocksToProbe(copy, `${seed} ${moves}`)), moves + 1);
    };
    return { ...choice, elsewhere };
  };
  const settled = (chosen: BlockState | undefined): number | undefined => {
    if (chosen !== undefined) homes?.settle(poolId, chosen.block, chosen.free);
    return chosen?.block;
  };
  const guess = async (): Promise<number | undefined> => {
    if (copy.blocks === 1) return 0;
    const home = seen === undefined ? homes?.find(poolId, quantity) : undefined;
    if (home !== undefined) return home;
    seen ??= [...(await withEnough(table, poolId, blocksToProbe(copy, seed).slice(0, LOOKED_AT), quantity))];
    return settled(seen.shift());
  };
  let [guesses, gatherings] = [0, 0];
  return {
    next: async (refusals) => {
      for (const { block } of refusals) homes?.leave(poolId, block);
      const available = shortages?.provenFor(poolId, quantity);
      if (available !== undefined) return err(notEnough(copy.name, available));
      guesses += 1;
      const block = guesses > GUESSES ? undefined : await guess();
      if (block !== undefined) return ok(whole(block));
      if (gatherings === GATHERINGS) throw new StoreBusyError('Other buyers kept taking the tickets in between');
      gatherings += 1;
      const found = await findTakes(table, copy, quantity, seed, shortages);
      return found.ok ? ok(split(found.value)) : err(notEnough(copy.name, found.error.available));
    },
  };
}

function otherThan(block: number, [first = block, second = block]: readonly number[]): number {
  return first === block ? second : first;
}

/** Why a buyer gets none or not that many, once it is proven. */
export function notEnough(name: string, available: number): Problem {
  return available === 0
    ? problem('SOLD_OUT', `${name} is sold out. Holds that lapse come back on sale within minutes.`)
    : problem('NOT_ENOUGH_TICKETS', `Only ${available} of ${name} are left.`, { extra: { available } });
}
