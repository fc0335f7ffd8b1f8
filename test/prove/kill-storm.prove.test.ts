import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { randomFrom } from '../shared/faults.ts';
import { getJson } from '../support/json.ts';
import { audit, confirm, fire, order, payByCard, person, publishEvent, settled } from '../support/shop.ts';
import { record } from './record.ts';

const PURCHASES = 300;
const KILLS = 50;
const AT_ONCE = 5;

/** Functions whose death in the middle of their work must lose nothing. */
const VICTIMS = /ledger|purchasepayments|settle|confirm|relay|issue|sendmail|checkout|hold/i;

it(`${KILLS} workers killed at random moments during ${PURCHASES} purchases: every payment is one ticketed order`, async () => {
  const { controlUrl } = inject('system');
  const random = randomFrom(7);
  const { ticketTypeId } = await publishEvent({ quantity: PURCHASES * 2 });
  const functions = (await getJson<readonly { readonly name: string }[]>(`${controlUrl}/_local/functions`)).filter(
    ({ name }) => VICTIMS.test(name),
  );
  let killed = 0;
  let bought = 0;
  let gaveUp = 0;

  const buyOne = async (): Promise<void> => {
    const buyer = await person();
    try {
      const placed = await order(buyer, ticketTypeId);
      await payByCard(placed);
      await confirm(buyer, placed);
      bought += 1;
    } catch {
      // The hold or the order met a dying worker: the buyer sees an error and leaves.
      gaveUp += 1;
    }
  };
  const killOne = async (): Promise<void> => {
    const victim = functions[Math.floor(random() * functions.length)];
    const url = `${controlUrl}/_local/functions/${encodeURIComponent(victim?.name ?? '')}/kill`;
    killed += (await getJson<{ readonly killed: number }>(url, { method: 'POST' })).killed > 0 ? 1 : 0;
  };
  // Each kill strikes when as many purchases have begun as it was drawn for.
  const strikes = Array.from({ length: KILLS }, () => Math.floor(random() * PURCHASES)).toSorted(
    (left, right) => left - right,
  );
  const queue = Array.from({ length: PURCHASES }, (_unused, index) => index);
  const storm: Promise<void>[] = [];
  const buyers = Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const begun = next;
      storm.push(...strikes.filter((strike) => strike === begun).map(killOne));
      await buyOne();
    }
  });
  await Promise.all(buyers);
  await Promise.all(storm);

  await settled();
  await fire('take-over-runs', Date.now() + 3 * MINUTE);
  await settled();
  await fire('expire-holds', Date.now() + 15 * MINUTE);
  await settled();
  await fire('reconcile-payments', Date.now() + 20 * MINUTE);
  await settled();
  await fire('take-over-runs', Date.now() + 25 * MINUTE);
  await settled();
  record('kill storm', {
    purchases: PURCHASES,
    'kills that hit a worker': killed,
    confirmed: bought,
    'given up': gaveUp,
  });
  expect(killed).toBeGreaterThan(KILLS / 5);
  expect(await audit()).toEqual([]);
});
