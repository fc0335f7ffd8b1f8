import { randomUUID } from 'node:crypto';
import { isRecord } from '../cloudformation/intrinsics.ts';
import { ACCOUNT } from '../cloudformation/names.ts';
import { Bucket, MailEvents, Permission, Rule } from '../cloudformation/schemas.ts';
import type { EventSourceParts } from '../event-sources.ts';
import { StartFailure } from '../failure.ts';
import type { FunctionPool } from '../lambda/pool.ts';
import type { Inbox } from '../services/inbox.ts';
import type { Handed, MailEvent } from '../services/mail-faults.ts';
import { parsePatterns, passes } from './filters.ts';

/** What EventBridge's rules need beside the event sources. */
export type RuleParts = Pick<EventSourceParts, 'model' | 'functions' | 'messaging' | 'log'> & {
  readonly inbox: Pick<Inbox, 'onEvent'>;
};

/**
 * EventBridge's default bus, for the events of AWS's own services: objects that are put into buckets, and what becomes of
 * mails. Each rule whose pattern the event matches invokes its targets asynchronously, by their leave.
 */
export function startRules(parts: RuleParts): void {
  const { model, functions, messaging, inbox, log } = parts;
  const rules = targetsOf(parts);
  const publish = (event: Readonly<Record<string, unknown>>): void => {
    for (const { where, pool, input } of rules.filter(({ patterns }) => passes(patterns, event)))
      functions.invokeAsync(pool, input(event)).catch((error: unknown) => {
        log(`${where}: ${String(error)}`);
      });
  };
  const envelope = (source: string, type: string, resource: string, detail: object) => ({
    version: '0',
    id: randomUUID(),
    'detail-type': type,
    source,
    account: ACCOUNT,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region: messaging.region,
    resources: [resource],
    detail,
  });
  for (const { name, properties } of model.of('AWS::S3::Bucket', Bucket)) {
    if (properties.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled !== true) continue;
    // As S3's user guide shows it ("EventBridge event message structure").
    messaging.onPut(name, ({ key, size }) => {
      const object = { bucket: { name }, object: { key, size }, requester: ACCOUNT, reason: 'PutObject' };
      publish(envelope('aws.s3', 'Object Created', `arn:aws:s3:::${name}`, { version: '0', ...object }));
    });
  }
  for (const { properties } of model.of('AWS::SES::ConfigurationSetEventDestination', MailEvents)) {
    const { ConfigurationSetName, EventDestination } = properties;
    if (!EventDestination.Enabled) continue;
    const wanted = EventDestination.MatchingEventTypes.map((type) => type.toLowerCase());
    inbox.onEvent((mail, event) => {
      if (mail.configurationSet !== ConfigurationSetName || !wanted.includes(event.eventType.toLowerCase())) return;
      const arn = `arn:aws:ses:${messaging.region}:${ACCOUNT}:configuration-set/${ConfigurationSetName}`;
      publish(envelope('aws.ses', MAIL_TYPES[event.eventType], arn, mailDetail(mail, event)));
    });
  }
}

const MAIL_TYPES = {
  Delivery: 'Email Delivered',
  Bounce: 'Email Bounced',
  Complaint: 'Email Complaint Received',
} as const;

/** As SES's developer guide shows it ("Examples of event data that Amazon SES publishes"). */
function mailDetail({ to, tags }: Handed, { eventType, bounceType }: MailEvent) {
  return {
    eventType,
    mail: {
      timestamp: new Date().toISOString(),
      messageId: randomUUID(),
      destination: [to],
      tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
    },
    ...(bounceType === undefined
      ? {}
      : { bounce: { bounceType, bounceSubType: 'General', bouncedRecipients: [{ emailAddress: to }] } }),
  };
}

interface Target {
  readonly where: string;
  readonly pool: FunctionPool;
  readonly patterns: readonly unknown[];
  /** What the target is handed of an event. */
  readonly input: (event: Readonly<Record<string, unknown>>) => string;
}

function targetsOf({ model, functions }: RuleParts): readonly Target[] {
  const leaves = model.of('AWS::Lambda::Permission', Permission);
  return model
    .of('AWS::Events::Rule', Rule)
    .filter(({ properties }) => properties.State === 'ENABLED')
    .flatMap(({ where, arn, properties: { EventPattern, Targets } }) =>
      Targets.map(({ Arn, InputTransformer }) => {
        const pool = functions.require(Arn, where);
        const allowed = leaves.some(
          ({ properties }) =>
            properties.Principal === 'events.amazonaws.com' &&
            properties.SourceArn === arn &&
            functions.require(properties.FunctionName, where) === pool,
        );
        if (!allowed)
          throw new StartFailure(`${where}: no AWS::Lambda::Permission lets EventBridge invoke ${pool.name}.`);
        const patterns = parsePatterns([JSON.stringify(EventPattern)], where);
        const input =
          InputTransformer === undefined ? JSON.stringify : (event: unknown) => transform(InputTransformer, event);
        return { where, pool, patterns, input };
      }),
    );
}

/** EventBridge's input transformer: each `<name>` of the template becomes the JSON at its path (`$.a.b`). */
function transform(
  {
    InputPathsMap,
    InputTemplate,
  }: { readonly InputPathsMap: Readonly<Record<string, string>>; readonly InputTemplate: string },
  event: unknown,
): string {
  return InputTemplate.replaceAll(/<([\w-]+)>/g, (_whole, name: string) => {
    const path = (InputPathsMap[name] ?? '').split('.').slice(1);
    const found = path.reduce<unknown>((value, member) => (isRecord(value) ? value[member] : undefined), event);
    return JSON.stringify(found ?? '');
  });
}
