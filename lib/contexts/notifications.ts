import { Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';

import { sendMailEnv, type senderEnv } from '../../functions/notifications/contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction, type Environment, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  LINK_VARIABLES,
  personalDataVariables,
  tableVariables,
  TICKET_SEED_VARIABLES,
  type Platform,
} from './platform.ts';

/** Of the function behind the mail queue: a batch of mails with their PDFs. */
export const MAIL_TIMEOUT_SECONDS = 60;
/** A confirmation is with the buyer within 2 minutes of the payment (seed 002 requirement 11). */
export const MAIL_WITHIN_SECONDS = 120;
/** A mail takes about a second, so this many at a time send no faster than SES takes them. */
const MOST_MAILERS = 100;

/** Mail: the identity it comes from, and what sends it. */
export class Notifications extends Construct {
  /** Variables of every function that sends mail. */
  readonly senderVariables: Environment<typeof senderEnv>;
  readonly #mailArns: readonly string[];

  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Notifications');
    const { mail } = platform.stage;
    const configuration = new ConfigurationSet(this, 'MailSettings', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    new EmailIdentity(this, 'MailDomain', {
      identity: Identity.domain(mail.domain),
      mailFromDomain: mail.returnPathDomain,
      configurationSet: configuration,
    });
    this.senderVariables = { MAIL_SENDER: mail.from, MAIL_CONFIGURATION_SET: configuration.configurationSetName };
    const arnOf = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    this.#mailArns = [arnOf('identity', mail.domain), arnOf('configuration-set', configuration.configurationSetName)];
    const sendMail = declareFunction(this, 'SendMail', platform, {
      entry: 'notifications/handlers/queue-send-mail.ts',
      description: 'Sends tickets, links of accounts and notices by mail',
      schema: sendMailEnv,
      environment: {
        ...tableVariables(platform),
        ...TICKET_SEED_VARIABLES,
        ...LINK_VARIABLES,
        ...personalDataVariables(platform),
        ...this.senderVariables,
        PUBLIC_URL: platform.publicUrl,
        DOCUMENTS_BUCKET: platform.pictures.bucketName,
      },
      timeoutSeconds: MAIL_TIMEOUT_SECONDS,
      memoryMiB: 1_024,
    });
    allowPersonalData(sendMail, platform, 'reads');
    allowTable(sendMail, platform.table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem']);
    sendMail.allow(['s3:GetObject'], [platform.pictures.arnForObjects('pictures/*')]);
    platform.pictures.encryptionKey?.grant(sendMail.lambda, 'kms:Decrypt');
    acknowledge(sendMail, {
      'AwsSolutions-IAM5[Resource::OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255/pictures/*]':
        'each picture has a name of its own, below one prefix',
    });
    this.allowSending(sendMail);
    platform.queues.mail.feed(sendMail, {
      batchSize: 5,
      maxConcurrency: Math.max(2, Math.min(MOST_MAILERS, mail.perSecond)),
    });
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
}
