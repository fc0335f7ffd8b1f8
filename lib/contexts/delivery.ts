import { Construct } from 'constructs';

import { deliveryRoutes, issueTicketsEnv, ticketsEnv } from '../../functions/delivery/contract.ts';
import { holderRoutes } from '../../functions/delivery/holder-contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  CURSOR_VARIABLES,
  sessionVariables,
  tableVariables,
  TICKET_SEED_VARIABLES,
  type Platform,
} from './platform.ts';

/** Of the function behind the tickets queue: a batch of ten orders of up to 60 tickets. */
export const ISSUE_TIMEOUT_SECONDS = 30;

/** Tickets: issuing them for paid orders, showing them, printing them. */
export class Delivery extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Delivery');
    const issue = declareFunction(this, 'IssueTickets', platform, {
      entry: 'delivery/handlers/queue-issue-tickets.ts',
      description: 'Issues the tickets of paid orders',
      schema: issueTicketsEnv,
      environment: tableVariables(platform),
      timeoutSeconds: ISSUE_TIMEOUT_SECONDS,
      memoryMiB: 512,
    });
    allowTable(issue, platform.table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem']);
    platform.queues.tickets.feed(issue, { batchSize: 10 });

    const tickets = declareFunction(this, 'Tickets', platform, {
      entry: 'delivery/handlers/http-tickets.ts',
      description: 'Tickets, to read, show and print',
      schema: ticketsEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES, ...TICKET_SEED_VARIABLES },
      timeoutSeconds: 15,
      // Drawing a PDF is the work of a processor, which comes with memory.
      memoryMiB: 1_024,
    });
    // An API key's last use is written where vendors may call.
    allowTable(tickets, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem']);
    platform.http.serve(tickets, [...deliveryRoutes, ...holderRoutes]);
  }
}
