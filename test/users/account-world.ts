import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { simpleParser, type ParsedMail } from 'mailparser';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { relayOf } from '../../functions/outbox/domain/relay.ts';
import { userKey } from '../../functions/users/keys.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';
import { PASSWORD, USERS_ENV, usersParameters } from './accounts.ts';
import { STAGES } from '../../lib/stages.ts';

type MailHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The functions of accounts and of mail as Lambda runs them, on a table of their own, with a mailbox in SES's place. */
export class AccountWorld {
  readonly db: TestTable;
  readonly #parameters: TestParameters;
  readonly #ses: AwsClientStub<SESClient>;
  readonly #registration: HttpHandler;
  readonly #accounts: HttpHandler;
  readonly #profiles: HttpHandler;
  readonly #mail: MailHandler;

  private constructor(
    db: TestTable,
    parameters: TestParameters,
    handlers: readonly [HttpHandler, HttpHandler, HttpHandler, MailHandler],
  ) {
    this.db = db;
    this.#parameters = parameters;
    [this.#registration, this.#accounts, this.#profiles, this.#mail] = handlers;
    this.#ses = mockClient(SESClient);
    this.#ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
  }

  static async open(db?: TestTable): Promise<AccountWorld> {
    const own = db ?? (await startTestTable());
    const seed = { TICKET_SEED_PARAMETER: '/onsale/test/ticket-seed' };
    const parameters = await serveParameters({ ...usersParameters(), [seed.TICKET_SEED_PARAMETER]: randomKey() });
    useTestEnvironment(own, {
      ...USERS_ENV,
      ...seed,
      PUBLIC_URL: 'https://tickets.example.com',
      MAIL_SENDER: 'tickets@onsale.example',
      BRAND: JSON.stringify(STAGES.local.brand),
      MAIL_CONFIGURATION_SET: '',
      DOCUMENTS_BUCKET: 'documents',
    });
    const [registration, accounts, profiles, mail] = await Promise.all([
      import('../../functions/users/handlers/http-registration.ts'),
      import('../../functions/users/handlers/http-users.ts'),
      import('../../functions/users/handlers/http-profile.ts'),
      import('../../functions/notifications/handlers/queue-send-mail.ts'),
    ]);
    return new AccountWorld(own, parameters, [registration.handler, accounts.handler, profiles.handler, mail.handler]);
  }

  async close(): Promise<void> {
    this.#ses.restore();
    await this.#parameters.close();
    await this.db.drop();
  }

  /** Posts `body` to the function of registration, signed in with `token` if one is given. */
  post(path: string, body: unknown, token?: string): Promise<TestAnswer> {
    return call(this.#registration, { route: `POST ${path}`, body, ...(token === undefined ? {} : { token }) });
  }

  /** Registers somebody; `as` says what is otherwise. */
  register(as: Readonly<Record<string, unknown>> = {}): Promise<TestAnswer> {
    return this.post('/api/auth/register', { ...PERSON, ...as });
  }

  logIn(email: string, password = PASSWORD): Promise<TestAnswer> {
    return this.logInWith({ email, password });
  }

  logInWith(body: unknown): Promise<TestAnswer> {
    return call(this.#accounts, { route: 'POST /api/auth/login', body });
  }

  /** The profile as the session of `token` sees it. */
  me(token: string): Promise<TestAnswer> {
    return call(this.#profiles, { route: 'GET /api/auth/me', token });
  }

  /** The row of an account as it is now. */
  async row(userId: string): Promise<Readonly<Record<string, unknown>>> {
    const { pk, sk } = userKey(userId);
    const row = (await this.db.items()).find((item) => item['pk'] === pk && item['sk'] === sk);
    if (row === undefined) throw new Error('There is no such account');
    return row;
  }

  /** The mails that follow from the last change of an account, as the relay and the queue would have them sent. */
  async mailsAfter(userId: string): Promise<readonly ParsedMail[]> {
    const relayed = relayOf({ before: undefined, after: marked({ ...(await this.row(userId)), ...userKey(userId) }) });
    if (relayed?.queue !== 'mail') return [];
    return this.deliver(JSON.stringify(relayed.envelope));
  }

  /** Delivers a message of the mail queue, and answers what it was that went out. */
  async deliver(body: string): Promise<readonly ParsedMail[]> {
    const before = this.#ses.commandCalls(SendRawEmailCommand).length;
    const { batchItemFailures } = await this.#mail(sqsEvent(body), TEST_CONTEXT);
    if (batchItemFailures.length > 0) throw new Error('The message was not taken');
    const sent = this.#ses.commandCalls(SendRawEmailCommand).slice(before);
    return Promise.all(sent.map(({ args }) => simpleParser(Buffer.from(args[0].input.RawMessage?.Data ?? []))));
  }

  /** The token of the link in the only mail that follows from the last change of an account. */
  async tokenAfter(userId: string): Promise<string> {
    const [mail, ...others] = await this.mailsAfter(userId);
    if (mail === undefined || others.length > 0) throw new Error('There is not one mail');
    return tokenIn(mail);
  }

  /** Registers somebody and proves their address. */
  async verified(email: string): Promise<string> {
    const userId = String((await this.register({ email })).json['userId']);
    await this.post('/api/auth/verify-email', { token: await this.tokenAfter(userId) });
    return userId;
  }
}

/** Somebody who registers. */
export const PERSON = {
  email: 'anna@example.com',
  password: PASSWORD,
  firstName: 'Anna',
  lastName: 'Muster',
  dateOfBirth: '1988-02-29',
};

/** The token in a mail's link. */
export function tokenIn(mail: ParsedMail): string {
  const token = /#token=([\w-]+)/.exec(mail.text ?? '')?.[1];
  if (token === undefined) throw new Error('There is no link in the mail');
  return token;
}

function sqsEvent(body: string): SQSEvent {
  return {
    Records: [
      {
        messageId: 'message-1',
        receiptHandle: 'receipt-1',
        body,
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '0',
          SenderId: 'relay',
          ApproximateFirstReceiveTimestamp: '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:mail',
        awsRegion: 'eu-central-1',
      },
    ],
  };
}
