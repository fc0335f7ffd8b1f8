import { ulid } from 'ulid';
import { expect, inject, it } from 'vitest';

import type { OpenApi } from '../../functions/site/domain/openapi.ts';
import { describeFaults, runFuzz } from '../../scripts/fuzz/run.ts';
import { furnish } from '../../scripts/fuzz/world.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { getJson } from '../support/json.ts';
import { createMember, useSystemSecrets } from '../support/matrix-people.ts';
import { audit, call, settled, systemTable } from '../support/shop.ts';

const SEED = 20_261_121;
const REQUESTS = 2_000;

it('no request, whatever is in it, breaks a promise of the contract or the stock', async () => {
  const { url, stripeUrl, sessionKeys } = inject('system');
  const document = await getJson<OpenApi>(`${url}/api/openapi.json`);
  useSystemSecrets();
  const organizations = { own: ulid(), other: ulid() };
  const spare = await Promise.all([1, 2, 3].map(() => createMember('another customer', organizations)));
  const { callers, pool } = await furnish({
    url,
    stripeUrl,
    table: systemTable(),
    ring: parseKeyRing(sessionKeys),
    spareUserIds: spare.map(({ userId }) => userId),
  });
  const report = await runFuzz({ url, document, pool, callers, requests: REQUESTS, seed: SEED });

  expect(describeFaults(report, SEED)).toEqual([]);
  // Requests that are all refused would prove little: each operation must have been reached and been refused.
  const reached = [...report.operations].filter(([, { successes }]) => successes > 0).map(([id]) => id);
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const unreached = operations.map(({ operationId }) => operationId).filter((id) => !reached.includes(id));
  expect(unreached.filter((id) => !HARD_TO_REACH.includes(id))).toEqual([]);

  expect((await call('GET', '/api/health')).json).toEqual({ status: 'ok' });
  await settled();
  expect(await audit()).toEqual([]);
});

/**
 * Operations that need what a schema does not tell: the right password, a signature, a payment made meanwhile, a
 * phone number that there is and the code that was sent to it, one of the few accounts that may be lost.
 */
const HARD_TO_REACH = [
  'login',
  'stripeWebhook',
  'confirmPayment',
  'verifyPhone',
  'confirmPhone',
  'exportUser',
  'eraseUser',
];
