import * as z from 'zod/mini';

import { ticketSeedEnv } from '../delivery/contract.ts';
import { tableEnv } from '../shared/runtime/env.ts';
import { linkEnv, personalDataEnv } from '../users/contract.ts';

/** What sending a mail takes: the function calls `ses:SendRawEmail`. */
export const senderEnv = z.object({
  /** The address that mails come from; it belongs to the verified SES identity. */
  MAIL_SENDER: z.string(),
  /** SES configuration set that publishes delivery events; empty for none. */
  MAIL_CONFIGURATION_SET: z.string(),
});

/** What the mail function is given; it consumes the mail queue and calls `ses:SendRawEmail`. */
export const sendMailEnv = z.extend(tableEnv, {
  ...ticketSeedEnv.shape,
  ...personalDataEnv.shape,
  ...linkEnv.shape,
  ...senderEnv.shape,
  /** Where links in mails lead, without a slash at its end, for example `https://tickets.example.com`. */
  PUBLIC_URL: z.string(),
  /** Bucket that has the pictures of events. */
  DOCUMENTS_BUCKET: z.string(),
});
