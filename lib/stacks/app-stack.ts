import { CfnOutput, CfnParameter, Stack, type App } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';

import type { CodeOf } from '../bundling.ts';
import { Alarms } from '../constructs/alarms.ts';
import { HttpRoutes } from '../constructs/http-routes.ts';
import { Jobs } from '../constructs/jobs.ts';
import { OnsaleFunction } from '../constructs/onsale-function.ts';
import { ownService } from '../constructs/own-service.ts';
import { PublicApi } from '../constructs/public-api.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { Access } from '../contexts/access.ts';
import { Audit } from '../contexts/audit.ts';
import { Catalog } from '../contexts/catalog.ts';
import { Delivery, ISSUE_TIMEOUT_SECONDS } from '../contexts/delivery.ts';
import { MAIL_TIMEOUT_SECONDS, MAIL_WITHIN_SECONDS, Notifications } from '../contexts/notifications.ts';
import { Organizations } from '../contexts/organizations.ts';
import { Orders } from '../contexts/orders.ts';
import { Outbox } from '../contexts/outbox.ts';
import { Payments, SETTLE_TIMEOUT_SECONDS } from '../contexts/payments.ts';
import type { Platform, WorkQueues } from '../contexts/platform.ts';
import { Pictures } from '../contexts/pictures.ts';
import { Pricing } from '../contexts/pricing.ts';
import { Privacy } from '../contexts/privacy.ts';
import { Reservations } from '../contexts/reservations.ts';
import { Search } from '../contexts/search.ts';
import { Support } from '../contexts/support.ts';
import { Site } from '../contexts/site.ts';
import { Users } from '../contexts/users.ts';
import { Venues } from '../contexts/venues.ts';
import { stripeWebhook } from '../../functions/payments/contract.ts';
import { showService, watchService } from '../operations.ts';
import { secretsOf } from '../secrets.ts';
import { STACK_NAMES, type Stage } from '../stages.ts';
import { environmentOf, type DataStack } from './data-stack.ts';

/** Key of the template's metadata that lists the secrets which its functions read. */
export const SECRETS_METADATA = 'Onsale::Secrets';

/** A message of tickets or payments that has waited this long is trouble: it is worked off in seconds. */
const OLDEST_SECONDS = 60;

/** Everything that can be made anew from the code: functions, queues, API, workflow, schedules, alarms. */
export class AppStack extends Stack {
  constructor(app: App, stage: Stage, data: DataStack, codeOf: CodeOf) {
    super(app, STACK_NAMES.app, {
      env: environmentOf(stage),
      description: 'Onsale: API, functions, queues, workflow, schedules, alarms.',
      tags: { app: 'onsale', stage: stage.name },
    });
    const publicUrl = this.#parameter(
      'PublicUrl',
      stage.publicUrl,
      'Where links in mails lead, without a slash at the end',
    );
    const stripeApiUrl = this.#parameter('StripeApiUrl', '', 'Where Stripe is reached; empty for Stripe itself');
    const applePushUrl = this.#parameter('ApplePushUrl', '', 'Where Apple takes pushes; empty for Apple itself');
    // CloudWatch cannot publish to a topic under a key of AWS's, and no topic goes without a key.
    const topic = stage.alarms === 'all' ? this.#alarmTopic(stage, data) : undefined;
    const alarms = new Alarms(this, 'Alarms', topic, stage.alarms);
    const { api } = new PublicApi(this, 'PublicApi', stage);
    const platform: Platform = {
      stage,
      codeOf,
      table: data.table,
      failedRecords: data.failedRecords,
      searchSnapshots: data.searchSnapshots,
      pictures: data.pictures,
      erasures: data.erasures,
      key: data.key,
      http: new HttpRoutes(this, 'Routes', api),
      jobs: new Jobs(this, 'Jobs'),
      alarms,
      queues: this.#queues(alarms),
      publicUrl,
      stripeApiUrl,
      applePushUrl,
    };

    new Site(this, platform);
    new Users(this, platform);
    new Organizations(this, platform);
    new Audit(this, platform);
    const { cancellation } = new Catalog(this, platform);
    new Pictures(this, platform);
    new Search(this, platform);
    new Venues(this, platform);
    new Pricing(this, platform);
    const reservations = new Reservations(this, platform, cancellation);
    const { purchaseLedger } = new Orders(this, platform);
    const payments = new Payments(this, platform, purchaseLedger);
    new Outbox(this, platform);
    new Delivery(this, platform);
    new Privacy(this, platform, new Notifications(this, platform));
    new Access(this, platform);
    new Support(this, platform);

    new CfnOutput(this, 'StripeWebhookUrl', {
      value: `${publicUrl}${stripeWebhook.path}`,
      description: 'Where Stripe sends its events',
    });

    const operated = { platform, api, payments, reservations };
    watchService(operated);
    if (stage.alarms === 'all') showService(this, operated);
    this.templateOptions.metadata = { [SECRETS_METADATA]: this.#secretsRead(stage) };
  }

  #parameter(name: string, value: string, description: string): string {
    return new CfnParameter(this, name, { default: value, description }).valueAsString;
  }

  #queues(alarms: Alarms): WorkQueues {
    const queue = (id: string, work: string, timeoutSeconds: number, oldestSeconds: number): WorkQueue =>
      new WorkQueue(this, id, { alarms, work, timeoutSeconds, oldestSeconds });
    return {
      tickets: queue('TicketsQueue', 'tickets', ISSUE_TIMEOUT_SECONDS, OLDEST_SECONDS),
      mail: queue('MailQueue', 'mail', MAIL_TIMEOUT_SECONDS, MAIL_WITHIN_SECONDS),
      payments: queue('PaymentsQueue', 'payments', SETTLE_TIMEOUT_SECONDS, OLDEST_SECONDS),
    };
  }

  #alarmTopic(stage: Stage, { key }: DataStack): Topic {
    const topic = new Topic(this, 'AlarmTopic', { enforceSSL: true, ...(key === undefined ? {} : { masterKey: key }) });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [ownService(this, 'cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
    if (stage.alarmMail !== undefined) topic.addSubscription(new EmailSubscription(stage.alarmMail));
    return topic;
  }

  /** The secrets that some function may read, for whoever makes them or serves them locally. */
  #secretsRead(stage: Stage): ReturnType<typeof secretsOf> {
    const read = new Set(this.node.findAll().flatMap((node) => (node instanceof OnsaleFunction ? node.secrets : [])));
    return secretsOf(stage.name, read);
  }
}
