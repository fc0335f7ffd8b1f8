import { Construct } from 'constructs';

import { deliveryRoutes, issueTicketsEnv, ticketsEnv } from '../../functions/delivery/contract.ts';
import { holderRoutes, holdersEnv } from '../../functions/delivery/holder-contract.ts';
import { printRoutes } from '../../functions/delivery/print-contract.ts';
import { transferRoutes } from '../../functions/delivery/transfer-contract.ts';
import { walletRoutes, walletsEnv } from '../../functions/delivery/wallet-contract.ts';
import { getReceiptPdf } from '../../functions/orders/receipt-contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  APPLE_PASS_VARIABLES,
  CURSOR_VARIABLES,
  limitsVariables,
  LINK_VARIABLES,
  personalDataVariables,
  sessionVariables,
  tableVariables,
  TICKET_SEED_VARIABLES,
  type Platform,
} from './platform.ts';

/** Of the function behind the tickets queue: a batch of ten orders of up to 60 tickets. */
export const ISSUE_TIMEOUT_SECONDS = 30;
/** Paid orders to one call of that function. */
export const TICKETS_BATCH = 10;

/** Printed tickets in their bucket, see `functions/delivery/kept-documents.ts`; pictures of events lie beside them. */
const DOCUMENTS = 'documents/';
const PICTURES = 'pictures/';
/** The objects as cdk-nag names what the data stack exports. */
const OBJECTS = 'OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255';

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
    platform.queues.tickets.feed(issue, { batchSize: TICKETS_BATCH });

    const tickets = declareFunction(this, 'Tickets', platform, {
      entry: 'delivery/handlers/http-tickets.ts',
      description: 'Tickets, to read and show, and the print queue of box offices',
      schema: ticketsEnv,
      environment: {
        ...sessionVariables(platform),
        ...CURSOR_VARIABLES,
        ...TICKET_SEED_VARIABLES,
        ...personalDataVariables(platform),
      },
      timeoutSeconds: 15,
      memoryMiB: 1_024,
    });
    // An API key's last use is written where vendors may call.
    allowTable(tickets, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']);
    allowPersonalData(tickets, platform, 'reads');
    platform.http.serve(tickets, [...deliveryRoutes, ...printRoutes]);
    this.#serveHolders(platform);
    this.#serveWallets(platform);
  }

  #serveWallets(platform: Platform): void {
    const wallets = declareFunction(this, 'Wallets', platform, {
      entry: 'delivery/handlers/http-wallets.ts',
      description: 'Tickets for Apple Wallet and Google Wallet',
      schema: walletsEnv,
      environment: {
        ...sessionVariables(platform),
        ...TICKET_SEED_VARIABLES,
        ...LINK_VARIABLES,
        ...personalDataVariables(platform),
        ...APPLE_PASS_VARIABLES,
        BRAND_NAME: platform.stage.brand.name,
        GOOGLE_WALLET_PARAMETER: { secret: 'googleWallet' },
      },
      timeoutSeconds: 15,
      // Signing is the work of a processor.
      memoryMiB: 1_024,
    });
    allowPersonalData(wallets, platform, 'reads');
    allowTable(wallets, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem']);
    platform.http.serve(wallets, walletRoutes);
  }

  #serveHolders(platform: Platform): void {
    const { table, pictures: bucket } = platform;
    const holders = declareFunction(this, 'Holders', platform, {
      entry: 'delivery/handlers/http-holders.ts',
      description: 'Tickets and receipts to print; tickets to renew and to pass on',
      schema: holdersEnv,
      environment: {
        ...sessionVariables(platform),
        ...TICKET_SEED_VARIABLES,
        ...LINK_VARIABLES,
        ...CURSOR_VARIABLES,
        ...limitsVariables(platform),
        ...personalDataVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        DOCUMENTS_BUCKET: bucket.bucketName,
        BRAND_NAME: platform.stage.brand.name,
        MAIL_SENDER: platform.stage.mail.from,
      },
      timeoutSeconds: 15,
      // Drawing a PDF is the work of a processor, which comes with memory: one whole one.
      memoryMiB: 1_769,
    });
    allowPersonalData(holders, platform, 'reads and writes');
    allowTable(holders, table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
    holders.allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(`${DOCUMENTS}*`)]);
    holders.allow(['s3:GetObject'], [bucket.arnForObjects(`${PICTURES}*`)]);
    holders.allow(['s3:ListBucket'], [bucket.bucketArn]);
    bucket.encryptionKey?.grant(holders.lambda, 'kms:Decrypt', 'kms:GenerateDataKey');
    for (const prefix of [DOCUMENTS, PICTURES])
      acknowledge(holders, {
        [`AwsSolutions-IAM5[Resource::${OBJECTS}/${prefix}*]`]: 'each object has a name of its own, below one prefix',
      });
    platform.http.serve(holders, [...holderRoutes, ...transferRoutes, getReceiptPdf]);
  }
}
