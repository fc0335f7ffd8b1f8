import { inject } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { randomFrom } from '../shared/faults.ts';
import { getJson } from './json.ts';
import { confirm, fire, order, payByCard, person, publishEvent, settled } from './shop.ts';

const AT_ONCE = 5;
/** A kill that finds no worker of its function looks for another one so often. */
const LOOKS = 10;
/** Functions whose death in the middle of their work must lose nothing. */
const VICTIMS = /ledger|purchasepayments|settle|confirm|relay|issue|sendmail|checkout|hold/i;

/** What came of a storm. */
export interface Storm {
  /** Kills that hit a worker. */
  readonly killed: number;
  readonly confirmed: number;
  /** Buyers who met a dying worker, saw an error and left. */
  readonly gaveUp: number;
}

/**
 * Purchases on the running system, through HTTP, while workers of its functions are ended at random moments,
 * between any two lines, as Lambda ends an environment. Then its jobs run until all is at rest.
 */
export async function killStorm(purchases: number, kills: number, seed: number): Promise<Storm> {
  const { controlUrl } = inject('system');
  const random = randomFrom(seed);
  const { ticketTypeId } = await publishEvent({ quantity: purchases * 2 });
  const functions = (await getJson<readonly { readonly name: string }[]>(`${controlUrl}/_local/functions`)).filter(
    ({ name }) => VICTIMS.test(name),
  );
  let [killed, confirmed, gaveUp] = [0, 0, 0];

  const buyOne = async (): Promise<void> => {
    const buyer = await person();
    try {
      const placed = await order(buyer, ticketTypeId);
      await payByCard(placed);
      await confirm(buyer, placed);
      confirmed += 1;
    } catch {
      gaveUp += 1;
    }
  };
  const killOne = async (): Promise<void> => {
    for (let look = 0; look < LOOKS; look += 1) {
      const victim = functions[Math.floor(random() * functions.length)];
      const url = `${controlUrl}/_local/functions/${encodeURIComponent(victim?.name ?? '')}/kill`;
      if ((await getJson<{ readonly killed: number }>(url, { method: 'POST' })).killed === 0) continue;
      killed += 1;
      return;
    }
  };
  // Each kill strikes when as many purchases have begun as it was drawn for.
  const strikes = Array.from({ length: kills }, () => Math.floor(random() * purchases));
  const queue = Array.from({ length: purchases }, (_unused, index) => index);
  const storm: Promise<void>[] = [];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const begun = next;
      storm.push(...strikes.filter((strike) => strike === begun).map(killOne));
      await buyOne();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await Promise.all(storm);

  await settled();
  for (const [job, after] of [
    ['take-over-runs', 3],
    ['expire-holds', 15],
    ['reconcile-payments', 20],
    ['take-over-runs', 25],
  ] as const) {
    await fire(job, Date.now() + after * MINUTE);
    await settled();
  }
  return { killed, confirmed, gaveUp };
}
