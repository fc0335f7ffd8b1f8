import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';

import {
  notificationsEnv,
  notificationsRoutes,
  sendMailEnv,
  type senderEnv,
} from '../../functions/notifications/contract.ts';
import { templatesRoutes } from '../../functions/notifications/templates-contract.ts';
import { tableEnv } from '../../functions/shared/runtime/env.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { FAILED_RECORD_OBJECTS, toBucket } from '../constructs/failures.ts';
import { declareFunction, type Environment, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  APPLE_PASS_VARIABLES,
  limitsVariables,
  LINK_VARIABLES,
  personalDataVariables,
  sessionVariables,
  tableVariables,
  TICKET_SEED_VARIABLES,
  type Platform,
} from './platform.ts';

/** Of the function behind the mail queue: a batch of mails with their PDFs. */
export const MAIL_TIMEOUT_SECONDS = 60;
/** A confirmation is with the buyer within 2 minutes of the payment (seed 002 requirement 11). */
export const MAIL_WITHIN_SECONDS = 120;
/** Mails to one call of that function. */
export const MAIL_BATCH = 5;
/** A mail takes about a second, so this many at a time send no faster than SES takes them. */
const MOST_MAILERS = 100;

/** How many environments send at a time, where the provider grants `perSecond` mails a second. */
export function mailersFor(perSecond: number): number {
  return Math.max(2, Math.min(MOST_MAILERS, perSecond));
}

/** Mail: the identity it comes from, and what sends it. */
export class Notifications extends Construct {
  /** Variables of every function that sends mail. */
  readonly senderVariables: Environment<typeof senderEnv>;
  readonly #mailArns: readonly string[];

  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Notifications');
    const { mail, brand } = platform.stage;
    const configuration = new ConfigurationSet(this, 'MailSettings', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    new EmailIdentity(this, 'MailDomain', {
      identity: Identity.domain(mail.domain),
      mailFromDomain: mail.returnPathDomain,
      configurationSet: configuration,
    });
    this.senderVariables = {
      MAIL_SENDER: mail.from,
      BRAND: JSON.stringify(brand),
      MAIL_CONFIGURATION_SET: configuration.configurationSetName,
    };
    const arnOf = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    this.#mailArns = [arnOf('identity', mail.domain), arnOf('configuration-set', configuration.configurationSetName)];
    const sendMail = declareFunction(this, 'SendMail', platform, {
      entry: 'notifications/handlers/queue-send-mail.ts',
      description: 'Sends tickets, links of accounts and notices by mail, and alerts by text message',
      schema: sendMailEnv,
      environment: {
        ...tableVariables(platform),
        ...TICKET_SEED_VARIABLES,
        ...LINK_VARIABLES,
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        ...personalDataVariables(platform),
        ...APPLE_PASS_VARIABLES,
        APPLE_PUSH_URL: platform.applePushUrl,
        ...this.senderVariables,
        PUBLIC_URL: platform.publicUrl,
        MAIL_QUEUE_URL: platform.queues.mail.queue.queueUrl,
        // The other half is for tickets and links of accounts.
        NOTICES_PER_SECOND: String(Math.max(1, Math.floor(mail.perSecond / 2))),
        DOCUMENTS_BUCKET: platform.pictures.bucketName,
      },
      timeoutSeconds: MAIL_TIMEOUT_SECONDS,
      memoryMiB: 1_024,
    });
    allowPersonalData(sendMail, platform, 'reads');
    allowTable(sendMail, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']);
    sendMail.allow(['sns:Publish'], ['*']);
    sendMail.allow(['s3:GetObject'], [platform.pictures.arnForObjects('pictures/*')]);
    // Printed tickets of who has given them up.
    sendMail.allow(['s3:ListBucket'], [platform.pictures.bucketArn]);
    sendMail.allow(['s3:DeleteObject'], [platform.pictures.arnForObjects('documents/*')]);
    platform.pictures.encryptionKey?.grant(sendMail.lambda, 'kms:Decrypt');
    acknowledge(sendMail, {
      'AwsSolutions-IAM5[Resource::*]': 'a phone number is no resource: SNS lets nobody name one in a policy',
      'AwsSolutions-IAM5[Resource::OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255/pictures/*]':
        'each picture has a name of its own, below one prefix',
      'AwsSolutions-IAM5[Resource::OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255/documents/*]':
        'each printed ticket has a name of its own, below one prefix',
    });
    this.allowSending(sendMail);
    // A notice is a mail for each of its event's orders.
    platform.queues.mail.allowSend(sendMail);
    platform.queues.mail.feed(sendMail, {
      batchSize: MAIL_BATCH,
      maxConcurrency: mailersFor(mail.perSecond),
    });
    this.#takeFeedback(platform, configuration);
    this.#serve(platform);
    platform.alarms.add('MailLate', {
      runbook: 'mail-is-late',
      says: 'A mail left more than 2 minutes after the payment that it confirms.',
      metric: new Metric({
        namespace: 'Onsale',
        metricName: 'mailDelay',
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      threshold: MAIL_WITHIN_SECONDS,
    });
  }

  /** Lets a function send mail from our address, and from no other. */
  allowSending(sender: OnsaleFunction): void {
    sender.allow(['ses:SendRawEmail'], this.#mailArns);
  }

  #serve(platform: Platform): void {
    const serve = declareFunction(this, 'Serve', platform, {
      entry: 'notifications/handlers/http-notifications.ts',
      description: 'What was mailed about orders, and sending it again',
      schema: notificationsEnv,
      environment: {
        ...sessionVariables(platform),
        ...limitsVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        BRAND: this.senderVariables.BRAND,
      },
      timeoutSeconds: 10,
      memoryMiB: 256,
    });
    // Limits of many uses are counted, those of few are put.
    allowTable(serve, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    platform.http.serve(serve, [...notificationsRoutes, ...templatesRoutes]);
  }

  /**
   * What becomes of mails: SES tells EventBridge, whose rules hand the function what it needs and no address (invariant
   * I19). A queue between them would be polled for $0.26 a month, see ADR 50.
   */
  #takeFeedback(platform: Platform, configurationSet: ConfigurationSet): void {
    const take = declareFunction(this, 'Feedback', platform, {
      entry: 'notifications/handlers/event-mail-feedback.ts',
      description: 'Notes which mails were delivered, bounced or called spam',
      schema: tableEnv,
      environment: tableVariables(platform),
      timeoutSeconds: 10,
      memoryMiB: 256,
    });
    allowTable(take, platform.table, ['PutItem', 'UpdateItem']);
    take.lambda.configureAsyncInvoke({ retryAttempts: 2, onFailure: toBucket(platform.failedRecords, take) });
    acknowledge(take, {
      [`AwsSolutions-IAM5[Resource::${FAILED_RECORD_OBJECTS}]`]:
        'Lambda names the objects of failed invocations itself',
    });
    new ConfigurationSetEventDestination(this, 'MailEvents', {
      configurationSet,
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: [
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
      ],
    });
    const path = (of: string): string => EventField.fromPath(of);
    const [about, cause, to] = ['about', 'cause', 'to'].map((name) => path(`$.detail.mail.tags.${name}`));
    for (const [name, eventTypes, told] of [
      ['MailTold', ['Delivery', 'Complaint', 'Reject'], path('$.detail.eventType')],
      ['MailBounced', ['Bounce'], path('$.detail.bounce.bounceType')],
    ] as const)
      new Rule(this, name, {
        description: `Mails: ${eventTypes.join(', ')}`,
        eventPattern: {
          source: ['aws.ses'],
          detail: { eventType: [...eventTypes], mail: { tags: { about: [{ exists: true }] } } },
        },
        targets: [
          new LambdaFunction(take.lambda, {
            event: RuleTargetInput.fromObject({ told, about, cause, to, at: path('$.time') }),
          }),
        ],
      });
  }
}
