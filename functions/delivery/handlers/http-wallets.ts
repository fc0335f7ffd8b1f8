import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { readKey, readSecret } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { readTicketSeeds } from '../codes.ts';
import { serveWallets } from '../serve-wallets.ts';
import { readAppleAccountFrom } from '../wallet/apple-account.ts';
import { readGoogleAccount } from '../wallet/google-account.ts';
import { walletsEnv } from '../wallet-contract.ts';

const env = readEnv(walletsEnv);
const table = openTable(env.TABLE_NAME);

const deps = {
  table,
  seeds: () => readTicketSeeds(env.TICKET_SEED_PARAMETER),
  linkKey: () => readKey(env.LINK_KEY_PARAMETER),
  apple: () => readAppleAccountFrom(env.APPLE_PASS_KEY_PARAMETER, env.APPLE_PASS_CERTIFICATES_PARAMETER),
  google: async () => readGoogleAccount(await readSecret(env.GOOGLE_WALLET_PARAMETER)),
  personalData: personalDataIn(table, env),
  publicUrl: env.PUBLIC_URL,
  brand: { name: env.BRAND_NAME },
};

/** Tickets in wallets of phones: apart, since it carries the code that signs passes. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, serveWallets(deps));
