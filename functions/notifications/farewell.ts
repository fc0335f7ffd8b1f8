import type * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import { logFault } from '../shared/runtime/log.ts';
import type { Table } from '../shared/table/client.ts';
import { hashesOf } from '../users/addresses.ts';
import type { Recipient } from '../users/contract.ts';
import { userErasureBegun } from '../users/privacy-events.ts';
import { sendOnce } from './app/send-once.ts';
import type { senderEnv } from './contract.ts';
import { parseBrand } from './domain/brand.ts';
import { wordAccountMail } from './domain/account-mail.ts';
import { languageOf } from './domain/languages.ts';
import { sesClient, sesMailer } from './ses.ts';

// What `notifications` offers to the erasure of persons.

/** Writes to somebody whose account has just been erased; never throws. */
export type Farewell = (userId: string, recipient: Recipient, now: Instant) => Promise<void>;

/**
 * Tells somebody that their account was erased: the one mail about accounts that no queue can carry, since whoever took
 * it from there would find no address any more, and the address must not travel (invariant I19). So whoever erases opens it
 * before, and sends right after, once for an account however many ask at once. The erasure stands whatever becomes of the
 * mail: should this die or the provider not answer, nobody can send it later.
 */
export function farewellFrom(
  table: Table,
  env: z.infer<typeof senderEnv> & { readonly EMAIL_INDEX_KEY_PARAMETER: string },
): Farewell {
  const { MAIL_SENDER: sender, MAIL_CONFIGURATION_SET: configurationSet } = env;
  const brand = parseBrand(env.BRAND);
  const mailer = sesMailer(sesClient(), sender, configurationSet);
  const addressHash = async (address: string): Promise<string> =>
    (await hashesOf({ emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER }, address)).hash;
  return async (userId, recipient, now) => {
    try {
      await sendOnce(
        { table, mailer, sender, brand, addressHash },
        {
          about: { userId },
          recipient: () => Promise.resolve(recipient),
          cause: userErasureBegun.name,
          resendable: false,
          write: ({ firstName, locale }) => {
            const mail = { kind: 'accountErased', language: languageOf(locale), firstName, at: now, url: '' } as const;
            return Promise.resolve({ ...wordAccountMail(mail, { brand }), attachments: [] });
          },
        },
        now,
      );
    } catch (error) {
      logFault('MAIL_FAULT', new Error(`No farewell: ${error instanceof Error ? error.name : 'unknown'}`), { userId });
    }
  };
}
