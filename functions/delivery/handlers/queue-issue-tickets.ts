import { orderPaid } from '../../orders/contract.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { consumerOf, queueFunction } from '../../shared/runtime/queue.ts';
import { openTable } from '../../shared/table/client.ts';
import { issueTickets } from '../app/issue-tickets.ts';
import { issueTicketsEnv } from '../contract.ts';

const table = openTable(readEnv(issueTicketsEnv).TABLE_NAME);

export const handler = queueFunction([
  consumerOf(orderPaid, ({ data: { orderId }, correlationId }) =>
    issueTickets(table, orderId, { now: systemClock(), correlationId, by: 'system' }),
  ),
]);
