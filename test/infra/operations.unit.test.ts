import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';

import { RUNBOOK } from '../../lib/constructs/alarms.ts';
import { ACCESS_LOG } from '../../lib/constructs/public-api.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { ROOT } from '../../lib/root.ts';
import { NEVER_CHANGING } from '../../lib/stacks/edge-stack.ts';
import { STAGE_NAMES } from '../../lib/stages.ts';
import { synthesised, textOf } from './synthesised.ts';

const prod = synthesised('prod');
const alarms = prod.resources('AWS::CloudWatch::Alarm');
const anchorOf = (description: unknown): string => /\.md#([\w-]+)$/.exec(String(description))?.[1] ?? '';

test('each alarm has its entry in the runbook, with what it means, where to look and what to do, and no entry is idle', () => {
  const sections = readFileSync(join(ROOT, RUNBOOK), 'utf8').split(/^## /m).slice(1);
  const entries = new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')).trim(), section]));
  const anchors = alarms.map(({ properties }) => anchorOf(properties['AlarmDescription']));
  expect(anchors.toSorted()).toEqual([...entries.keys()].toSorted());
  for (const [anchor, text] of entries) {
    for (const part of ['**What it means.**', '**Look.**', '**Do.**']) expect(text, anchor).toContain(part);
  }
});

test('the runbook searches for codes that are logged', () => {
  const logged = readFileSync(join(ROOT, 'functions/shared/runtime/log.ts'), 'utf8');
  const searched = readFileSync(join(ROOT, RUNBOOK), 'utf8').match(/(?<=`)[A-Z]+(_[A-Z]+)+(?=`)/g) ?? [];
  expect(searched.length).toBeGreaterThan(10);
  for (const code of searched) expect(logged).toContain(`'${code}'`);
});

test('an alarm on several metrics does not fall silent when one of them has no data', () => {
  const expressions = [...textOf(alarms).matchAll(/"Expression":"([^"]+)"/g)].map(([, expression]) =>
    String(expression),
  );
  expect(expressions).toHaveLength(3);
  for (const expression of expressions) expect(expression).toContain('FILL(');
});

test('each alarm tells somebody, and silence is good news but for the sweeper', () => {
  for (const { logicalId, properties } of alarms) {
    expect(textOf(properties['AlarmActions']), logicalId).toMatch(/\{"Ref":"AlarmTopic\w+"\}/);
    const silence = logicalId.includes('SweeperStopped') ? 'breaching' : 'notBreaching';
    expect(properties['TreatMissingData'], logicalId).toBe(silence);
  }
});

test.each([
  ['availability-is-low', { Threshold: 0.1 }, /100 \* FILL\(faults, 0\) \/ requests/],
  ['requests-fail', { Threshold: 5, Statistic: 'Sum', MetricName: '5xx' }, /5xx/],
  ['requests-are-slow', { Threshold: 3_000, ExtendedStatistic: 'p99', MetricName: 'Latency' }, /Latency/],
  ['confirm-is-slow', { Threshold: 10_000, Statistic: 'Maximum', MetricName: 'Duration' }, /PaymentsConfirm/],
  ['mail-is-late', { Threshold: 120, Namespace: 'Onsale', MetricName: 'mailDelay' }, /mailDelay/],
  ['relay-is-late', { Threshold: 60_000, MetricName: 'IteratorAge' }, /OutboxRelay/],
  ['purchases-fail', {}, /ExecutionsFailed.*ExecutionsTimedOut/],
  ['jobs-fail', {}, /ExpireHolds.*TakeOverRuns.*Reconcile/],
])('%s watches what it says', (anchor, properties, text) => {
  const [alarm, ...others] = alarms.filter(
    (candidate) => anchorOf(candidate.properties['AlarmDescription']) === anchor,
  );
  expect(others).toEqual([]);
  expect(alarm?.properties).toMatchObject(properties);
  expect(textOf(alarm?.properties)).toMatch(text);
});

test('CloudWatch may publish to the alarm topic and use its key, for this account only', () => {
  const statement = z.object({ Principal: z.unknown(), Action: z.unknown(), Condition: z.optional(z.unknown()) });
  const policy = z.object({ Statement: z.array(statement) });
  const [topic] = prod
    .resources('AWS::SNS::TopicPolicy')
    .map(({ properties }) => z.parse(policy, properties['PolicyDocument']));
  const [key] = prod.resources('AWS::KMS::Key').map(({ properties }) => z.parse(policy, properties['KeyPolicy']));
  for (const document of [topic, key]) {
    const allowed = document?.Statement.filter(({ Principal }) =>
      textOf(Principal).includes('cloudwatch.amazonaws.com'),
    );
    expect(allowed).toHaveLength(1);
    expect(textOf(allowed?.[0]?.Condition)).toBe('{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}');
  }
});

test('a dashboard shows no more metrics than are free', () => {
  const bodies = prod
    .resources('AWS::CloudWatch::Dashboard')
    .map(({ properties }) => textOf(properties['DashboardBody']));
  expect(bodies).toHaveLength(1);
  const shown = bodies.join().match(/\[\\\\?"(AWS\/|Onsale)/g) ?? [];
  expect(shown.length).toBeGreaterThan(15);
  expect(shown.length).toBeLessThanOrEqual(50);
});

test.each(STAGE_NAMES)('the API of stage %s is throttled and logged, without a word about who calls', (name) => {
  const { stage, template } = synthesised(name);
  template('app').hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    DefaultRouteSettings: {
      ThrottlingRateLimit: stage.throttling.ratePerSecond,
      ThrottlingBurstLimit: stage.throttling.burst,
    },
    AccessLogSettings: { Format: JSON.stringify(ACCESS_LOG) },
  });
  expect(Object.keys(ACCESS_LOG)).toEqual(expect.arrayContaining(['routeKey', 'status', 'latency', 'requestId']));
  expect(textOf(ACCESS_LOG)).not.toMatch(/identity|sourceIp|userAgent|path|authorizer/i);
});

test('only the local API is reached without CloudFront, whose viewers need TLS 1.3', () => {
  for (const name of STAGE_NAMES) {
    const { stage, template, stacks } = synthesised(name);
    const fronted = stage.domains !== undefined;
    template('app').hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: fronted });
    expect(stacks.edge !== undefined).toBe(fronted);
  }
  const [distribution] = prod.resources('AWS::CloudFront::Distribution');
  expect(distribution?.properties['DistributionConfig']).toMatchObject({
    Aliases: [prod.stage.domains?.site],
    HttpVersion: 'http2and3',
    ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.3_2025', SslSupportMethod: 'sni-only' },
    DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
    Origins: [{ DomainName: prod.stage.domains?.api, CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } }],
  });
});

const configured = z.object({ CacheBehaviors: z.array(z.object({ PathPattern: z.string() })) });

/** The cache policies, by the longest time that they keep anything, longest first. */
function cachePolicies(): readonly unknown[] {
  const lasting = z.looseObject({ MaxTTL: z.int() });
  return prod
    .resources('AWS::CloudFront::CachePolicy')
    .map(({ properties }) => z.parse(lasting, properties['CachePolicyConfig']))
    .toSorted((one, other) => other.MaxTTL - one.MaxTTL);
}

test('what CloudFront keeps is kept apart by session and token, and never longer than 5 minutes', () => {
  const [, policy] = cachePolicies();
  expect(policy).toMatchObject({
    DefaultTTL: 0,
    MinTTL: 0,
    MaxTTL: 300,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: 'whitelist', Cookies: ['__Host-onsale-session', '__Host-onsale-guest'] },
      HeadersConfig: {
        HeaderBehavior: 'whitelist',
        Headers: expect.arrayContaining(['Authorization', 'X-Api-Key', 'X-Guest-Token']),
      },
      QueryStringsConfig: { QueryStringBehavior: 'all' },
    },
  });
});

test('CloudFront keeps for a year what never changes, and only where every route is public and says so', () => {
  const [distribution] = prod.resources('AWS::CloudFront::Distribution');
  const { CacheBehaviors: behaviours } = z.parse(configured, distribution?.properties['DistributionConfig']);
  expect(behaviours.map(({ PathPattern }) => PathPattern)).toEqual(NEVER_CHANGING);
  const [forever] = cachePolicies();
  expect(forever).toMatchObject({
    DefaultTTL: 0,
    MaxTTL: 31_536_000,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: 'none' },
      HeadersConfig: { HeaderBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'none' },
    },
  });
  const below = allRoutes.filter(({ path }) => NEVER_CHANGING.some((each) => path.startsWith(each.slice(0, -1))));
  const told = below.map(({ id, method, access, query }) => `${id} ${method} ${String(access.who)} ${typeof query}`);
  expect(told.toSorted()).toEqual([
    'getImage GET anyone undefined',
    'getPlanGeometry GET anyone undefined',
    'getPlanPicture GET anyone undefined',
  ]);
});

test('mail is signed by the domain that it comes from and returns to a subdomain of it', () => {
  for (const name of STAGE_NAMES) {
    const { mail } = synthesised(name).stage;
    expect(mail.from).toMatch(new RegExp(`@${mail.domain}>?$`));
    expect(mail.returnPathDomain.endsWith(`.${mail.domain}`)).toBe(true);
    synthesised(name)
      .template('app')
      .hasResourceProperties('AWS::SES::EmailIdentity', {
        EmailIdentity: mail.domain,
        MailFromAttributes: { MailFromDomain: mail.returnPathDomain },
      });
  }
});
