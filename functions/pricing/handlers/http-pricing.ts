import { ownedTicketTypes } from '../../catalog/owned.ts';
import { ok } from '../../shared/kernel/result.ts';
import { versionAsked } from '../../shared/runtime/conditional.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerPricing } from '../answers.ts';
import { setPricing } from '../app/set-pricing.ts';
import { previewPrice, showPricing } from '../app/show-pricing.ts';
import * as contract from '../contract.ts';

const env = readEnv(contract.pricingEnv);
const table = openTable(env.TABLE_NAME);
const types = ownedTicketTypes(table);

/** How organizers rule prices. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(contract.getPricing, types, async ({ now }, type) =>
    answerPricing(ok(await showPricing(table, type)), now),
  ),
  serveOwned(contract.setPricing, types, async ({ body, headers, now, occasion }, type) =>
    answerPricing(await setPricing(table, type, { body, version: versionAsked(headers['if-match']) }, occasion), now),
  ),
  serveOwned(contract.previewPrice, types, async ({ body, now }, type) => {
    const preview = await previewPrice(table, type, body, now);
    return preview.ok ? ok({ status: 200, body: preview.value }) : preview;
  }),
]);
