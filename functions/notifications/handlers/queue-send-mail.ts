import { SQSClient } from '@aws-sdk/client-sqs';

import { readTicketSeeds } from '../../delivery/codes.ts';
import { passNewsIn } from '../../delivery/pass-news.ts';
import { apiKeyCreated, apiKeyRevoked } from '../../organizations/api-keys-contract.ts';
import { userBanned, userPostsChanged, userRolesChanged, userUnbanned } from '../../organizations/contract.ts';
import { memberInvited } from '../../organizations/invitations-contract.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { s3Objects } from '../../shared/runtime/object-store.ts';
import { consumerOf, queueFunction } from '../../shared/runtime/queue.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { snsTexter } from '../../shared/runtime/text-messages.ts';
import { hashesOf, hashOfPhone } from '../../users/addresses.ts';
import { findRecipient, findRecipientAt, personalDataIn } from '../../users/recipients.ts';
import { sendBanMail, sendKeyMails, sendPostsMail, sendRolesMail } from '../app/send-access-mail.ts';
import { accountConsumers } from '../account-consumers.ts';
import { holderConsumers, type HolderMailDeps } from '../holder-consumers.ts';
import type { AccountMailDeps } from '../app/send-account-mail.ts';
import { sendInvitationMail, type InvitationMailDeps } from '../app/send-invitation-mail.ts';
import { sendMailEnv } from '../contract.ts';
import { parseBrand } from '../domain/brand.ts';
import { orderConsumers } from '../order-consumers.ts';
import { noticeConsumers } from '../notice-consumers.ts';
import { tellingPhones, type TellingDeps } from '../pass-consumers.ts';
import { sesClient, sesMailer } from '../ses.ts';

const env = readEnv(sendMailEnv);
const table = openTable(env.TABLE_NAME);
const personalData = personalDataIn(table, env);

const deps: HolderMailDeps & AccountMailDeps & InvitationMailDeps & Pick<TellingDeps, 'store'> = {
  table,
  sender: env.MAIL_SENDER,
  brand: parseBrand(env.BRAND),
  publicUrl: env.PUBLIC_URL,
  clock: systemClock,
  store: s3Objects(env.DOCUMENTS_BUCKET),
  seeds: () => readTicketSeeds(env.TICKET_SEED_PARAMETER),
  linkKey: () => readKey(env.LINK_KEY_PARAMETER),
  personalData,
  addressHash: async (address) => (await hashesOf({ emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER }, address)).hash,
  phoneHash: (phone) => hashOfPhone({ emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER }, phone),
  texter: snsTexter(),
  recipientOf: (userId) => findRecipient(table, personalData, userId),
  recipientAt: (userId, which) => findRecipientAt(table, personalData, userId, which),
  mailer: sesMailer(sesClient(), env.MAIL_SENDER, env.MAIL_CONFIGURATION_SET),
};

const perSecond = Number(env.NOTICES_PER_SECOND);
const spread = { ...deps, sqs: new SQSClient({}), mailQueueUrl: env.MAIL_QUEUE_URL, perSecond };
const alsoTold = [...orderConsumers(deps), ...holderConsumers(deps), ...noticeConsumers(deps, spread)];

export const handler = queueFunction([
  consumerOf(userRolesChanged, (event) => sendRolesMail(deps, event)),
  consumerOf(userPostsChanged, (event) => sendPostsMail(deps, event)),
  consumerOf(userBanned, (event) => sendBanMail(deps, event, 'banned')),
  consumerOf(userUnbanned, (event) => sendBanMail(deps, event, 'unbanned')),
  consumerOf(apiKeyCreated, (event) => sendKeyMails(deps, event, 'keyCreated')),
  consumerOf(apiKeyRevoked, (event) => sendKeyMails(deps, event, 'keyRevoked')),
  ...accountConsumers(deps),
  ...tellingPhones({ ...passNewsIn(table, personalData, env), store: deps.store }, alsoTold),
  consumerOf(memberInvited, (event) => sendInvitationMail(deps, event)),
]);
