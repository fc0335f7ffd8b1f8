import { ownedEvents, ownedOrganizations, ownedTicketTypes } from '../../catalog/owned.ts';
import { ok } from '../../shared/kernel/result.ts';
import { versionAsked } from '../../shared/runtime/conditional.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerCharges, answerPricing, answerSet } from '../answers.ts';
import { setEventCharges, setOrganizationCharges } from '../app/set-charges.ts';
import { showEventCharges, showOrganizationCharges } from '../app/show-charges.ts';
import { setPricing } from '../app/set-pricing.ts';
import { previewPrice, showPricing } from '../app/show-pricing.ts';
import * as contract from '../contract.ts';
import { rulesOf } from '../domain/rule-faults.ts';

const env = readEnv(contract.pricingEnv);
const table = openTable(env.TABLE_NAME);
const types = ownedTicketTypes(table);
const events = ownedEvents(table);

/** How organizers rule prices, fees and taxes. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(contract.getPricing, types, async ({ now }, type) =>
    answerPricing(ok(await showPricing(table, type)), now),
  ),
  serveOwned(contract.setPricing, types, async ({ body, headers, now, occasion }, type) =>
    answerPricing(
      await setPricing(table, type, { rules: rulesOf(body), version: versionAsked(headers['if-match']) }, occasion),
      now,
    ),
  ),
  serveOwned(contract.previewPrice, types, async ({ body, now }, type) => {
    const preview = await previewPrice(table, type, body, now);
    return preview.ok ? ok({ status: 200, body: preview.value }) : preview;
  }),
  serveOwned(contract.getEventCharges, events, async (_request, event) =>
    answerCharges(await showEventCharges(table, event)),
  ),
  serveOwned(contract.setEventCharges, events, async ({ body, headers, occasion }, event) => {
    const wanted = { body, version: versionAsked(headers['if-match']) };
    return answerSet(await setEventCharges(table, event, wanted, occasion), 'EVENT');
  }),
  serveOwned(contract.getOrganizationCharges, ownedOrganizations, async (_request, organizationId) =>
    answerCharges(await showOrganizationCharges(table, organizationId)),
  ),
  serveOwned(contract.setOrganizationCharges, ownedOrganizations, async ({ body, headers, occasion }, owner) => {
    const wanted = { body, version: versionAsked(headers['if-match']) };
    return answerSet(await setOrganizationCharges(table, owner, wanted, occasion), 'ORGANIZATION');
  }),
]);
