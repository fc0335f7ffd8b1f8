import { expect, it } from 'vitest';

import { killStorm } from '../support/kill-storm.ts';
import { audit } from '../support/shop.ts';
import { record } from './record.ts';

const PURCHASES = 300;
const KILLS = 50;

it(`${KILLS} workers killed at random moments during ${PURCHASES} purchases: every payment is one ticketed order`, async () => {
  const { killed, confirmed, gaveUp } = await killStorm(PURCHASES, KILLS, 7);
  record('kill storm', { purchases: PURCHASES, 'kills that hit a worker': killed, confirmed, 'given up': gaveUp });
  expect(killed).toBe(KILLS);
  expect(await audit()).toEqual([]);
});
