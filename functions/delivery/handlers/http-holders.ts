import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { s3Objects } from '../../shared/runtime/object-store.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { readTicketSeeds } from '../codes.ts';
import { holdersEnv } from '../holder-contract.ts';
import { namesFor } from '../holder-names.ts';
import { serveHolders } from '../serve-holders.ts';
import { serveTransfers } from '../serve-transfers.ts';

const env = readEnv(holdersEnv);
const table = openTable(env.TABLE_NAME);

const personalData = personalDataIn(table, env);

const deps = {
  table,
  seeds: () => readTicketSeeds(env.TICKET_SEED_PARAMETER),
  store: s3Objects(env.DOCUMENTS_BUCKET),
  linkKey: () => readKey(env.LINK_KEY_PARAMETER),
  publicUrl: env.PUBLIC_URL,
  brand: { name: env.BRAND_NAME },
  sender: env.MAIL_SENDER,
  personalData,
  namesOf: namesFor(table, personalData),
  book: { personalData, emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER },
  limiter: limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER),
};

/** What holders have of their tickets beyond looking at them: apart, since it carries the fonts of all scripts. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  ...serveHolders(deps),
  ...serveTransfers(deps),
]);
