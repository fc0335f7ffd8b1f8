import { expect, it } from 'vitest';

import { goForTickets } from '../support/crowd.ts';
import { record } from './record.ts';

const BUYERS = 5_000;
const TICKETS = 500;

it.each([
  { seed: 1, holdsPerSecond: 1 },
  { seed: 2, holdsPerSecond: 26 },
  { seed: 3, holdsPerSecond: 106 },
  { seed: 4, holdsPerSecond: 106 },
  { seed: 5, holdsPerSecond: 426 },
])(
  `${BUYERS} buyers for ${TICKETS} tickets of the running system, a fifth of the transactions in conflict (seed $seed)`,
  async ({ seed, holdsPerSecond }) => {
    const result = await goForTickets({ buyers: BUYERS, tickets: TICKETS, holdsPerSecond, atOnce: 40, seed });
    const { blocks, sold, soldOut, wrongly, comebacks, attempts, actions, conflicts, throttles, differences } = result;
    record('on-sale on the running system', {
      blocks,
      buyers: BUYERS,
      sold,
      'told sold out': soldOut,
      'of them wrongly': wrongly,
      'told to come back': comebacks,
      attempts,
      'write units an attempt': Math.round((200 * actions) / Math.max(1, attempts)) / 100,
      conflicts,
      throttles,
    });
    expect({ sold, soldOut, wrongly }).toEqual({ sold: TICKETS, soldOut: BUYERS - TICKETS, wrongly: 0 });
    expect(differences).toEqual([]);
  },
  3_600_000,
);
