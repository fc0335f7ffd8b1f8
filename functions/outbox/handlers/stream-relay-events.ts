import { SQSClient } from '@aws-sdk/client-sqs';

import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { streamFunction } from '../../shared/runtime/stream.ts';
import { openTable } from '../../shared/table/client.ts';
import { relayChanges } from '../app/relay-changes.ts';
import { relayEnv } from '../contract.ts';

const env = readEnv(relayEnv);
const relay = {
  table: openTable(env.TABLE_NAME),
  sqs: new SQSClient({}),
  queueUrls: { tickets: env.TICKETS_QUEUE_URL, mail: env.MAIL_QUEUE_URL, payments: env.PAYMENTS_QUEUE_URL },
};

export const handler = streamFunction((changes) => relayChanges(relay, changes, systemClock()));
