import { expect, inject, it } from 'vitest';

import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import type { OpenApi } from '../../functions/site/domain/openapi.ts';
import { checkRefusals } from '../../scripts/fuzz/refusals.ts';
import { describeFaults, runFuzz } from '../../scripts/fuzz/run.ts';
import { furnish } from '../../scripts/fuzz/world.ts';
import { getJson } from '../support/json.ts';
import { audit, call, settled, systemRows, systemTable } from '../support/shop.ts';

const SEED = 20_261_121;
/** Enough to reach every operation, some of them by chance alone. */
const REQUESTS = 20_000;

/** Lines of the log that are shown where something is found. */
const ERRORS = 20;

/** Operations that need what neither schema nor example tells, with what that is. */
const HARD_TO_REACH: Readonly<Record<string, string>> = {
  login: 'the right password, which would be sent to be echoed',
  verifyEmail: 'the token of a mail',
  refresh: 'a cookie that is good for one session, once',
  endSession: "a session of the very caller, by an id that only the caller's own list tells",
  resetPassword: 'the token of a mail',
  unlock: 'the token of a mail',
  unsubscribe: 'the token of a mail',
  confirmEmail: 'the token of a mail',
  changePassword: 'the right password, which would be sent to be echoed',
  changeEmail: 'the right password, which would be sent to be echoed',
  showInvitation: 'the token of a mail',
  acceptInvitation: 'the token of a mail',
  acceptTicket: 'the token of a mail',
  showTicket: "the token of a ticket's link",
  showWallets: "the token of a ticket's link",
  queuePrints: 'a ticket of the very event that is named beside it',
  settlePrint: 'the lease that a station was given with its job',
  registerPass: 'the token of a pass',
  unregisterPass: 'the token of a pass',
  getLatestPass: 'the token of a pass',
  getImage: 'a picture that somebody has uploaded to the bucket',
  confirmPhone: 'the code of a text message',
  stripeWebhook: "Stripe's signature",
  confirmPayment: 'a payment made meanwhile',
  closeCase: 'a case, which only money that goes wrong opens',
  getCancellationReceipt: 'an event that has been cancelled to its end',
  blockSeats: 'seats that are free still, of an event that nobody has cancelled meanwhile',
};

it('no request, whatever is in it, breaks a promise of the contract or the stock, and none that is refused changes anything', async () => {
  const system = inject('system');
  const { url } = system;
  const document = await getJson<OpenApi>(`${url}/api/openapi.json`);
  const world = await furnish({ ...system, table: systemTable(), ring: parseKeyRing(system.sessionKeys) });
  const report = await runFuzz({ url, document, ...world, requests: REQUESTS, seed: SEED });

  expect(describeFaults(report, SEED), await lastErrors()).toEqual([]);
  // Requests that are all refused would prove little: each operation must have been reached and been refused.
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const isUnreached = (by: typeof report) => (id: string) => (by.operations.get(id)?.successes ?? 0) === 0;
  let unreached = operations
    .map(({ operationId }) => operationId)
    .filter((id) => !(id in HARD_TO_REACH))
    .filter(isUnreached(report));
  // What chance has left out, since others changed what it is about first, gets a few thousand requests more, then some of its own.
  for (let seed = SEED + 1; unreached.length > 0 && seed <= SEED + 3; seed += 1) {
    const again = await furnish({ ...system, table: systemTable(), ring: parseKeyRing(system.sessionKeys) });
    const among = seed === SEED + 1 ? document : onlyPathsOf(document, unreached);
    const more = await runFuzz({ url, document: among, ...again, requests: REQUESTS / 5, seed });
    expect(describeFaults(more, seed), await lastErrors()).toEqual([]);
    unreached = unreached.filter(isUnreached(more));
  }
  const met = unreached.map((id) => `${id}: ${JSON.stringify(report.operations.get(id)?.codes)}`);
  expect(unreached, met.join('; ')).toEqual([]);

  expect((await call('GET', '/api/health')).json).toEqual({ status: 'ok' });
  await settled();
  expect(await audit()).toEqual([]);

  const rowsAtRest = async (): ReturnType<typeof systemRows> => {
    await settled();
    return systemRows();
  };
  const refusals = await checkRefusals({ url, rowsAtRest }, report);
  expect(refusals.changes).toEqual([]);
  expect(refusals.refused).toBeGreaterThan(1_000);
}, 900_000);

/** `document` with the paths of these operations alone. */
function onlyPathsOf(document: OpenApi, operationIds: readonly string[]): OpenApi {
  const paths = Object.entries(document.paths).filter(([, methods]) =>
    Object.values(methods).some(({ operationId }) => operationIds.includes(operationId)),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** What functions have logged as errors, the last ones first: the cause of what the fuzz finds. */
async function lastErrors(): Promise<string> {
  const { controlUrl } = inject('system');
  const names = (await getJson<readonly { readonly name: string }[]>(`${controlUrl}/_local/functions`)).map(
    ({ name }) => name,
  );
  const logs = await Promise.all(
    names.map((name) => getJson<readonly string[]>(`${controlUrl}/_local/functions/${name}/logs`)),
  );
  const errors = logs.flatMap((lines, index) =>
    lines.filter((line) => line.includes('"level":"error"')).map((line) => `${names[index] ?? ''}: ${line}`),
  );
  return errors.toReversed().slice(0, ERRORS).join('\n');
}
