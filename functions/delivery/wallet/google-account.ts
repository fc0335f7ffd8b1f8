import * as z from 'zod/mini';

import { NOT_SET_UP } from '../wallet-contract.ts';

/** The secret: the issuer's number at Google, and of the key file of a service account what signing needs. */
const account = z.object({
  issuerId: z.string().check(z.regex(/^\d{5,30}$/)),
  clientEmail: z.string(),
  /** PEM. */
  privateKey: z.string(),
});
/** Under whose name links to Google Wallet are signed. */
export type GoogleAccount = z.infer<typeof account>;

/** Reads the account from its secret; undefined where the operator has none. @throws when it is anything else */
export function readGoogleAccount(secret: string): GoogleAccount | undefined {
  return secret === NOT_SET_UP ? undefined : z.parse(account, JSON.parse(secret));
}
