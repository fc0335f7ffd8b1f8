import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnElement, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';

import { allRoutes } from '../../functions/site/all-routes.ts';
import { routeKey } from '../../functions/shared/runtime/route.ts';
import { openApp } from '../../lib/app.ts';
import { handlerFiles, stubCode } from '../../lib/bundling.ts';
import { OTHERS } from '../../lib/constructs/http-routes.ts';
import { declareFunction, OnsaleFunction } from '../../lib/constructs/onsale-function.ts';
import { ROOT } from '../../lib/root.ts';
import { SECRETS_METADATA } from '../../lib/stacks/app-stack.ts';
import { secretName, secretsOf } from '../../lib/secrets.ts';
import { STACK_NAMES, STAGE_NAMES, stageNamed } from '../../lib/stages.ts';
import { synthesised, textOf } from './synthesised.ts';

const prod = synthesised('prod');
const functions = prod.stacks.app.node.findAll().filter((node) => node instanceof OnsaleFunction);

test('every handler file is deployed, by one function', () => {
  expect(functions.map(({ entry }) => entry).toSorted()).toEqual([...handlerFiles()]);
});

test('every function runs on arm64 and Node 24, in a role and a log group of its own that is kept for 30 days', () => {
  const declared = prod.resources('AWS::Lambda::Function');
  expect(declared).toHaveLength(functions.length);
  for (const { logicalId, properties } of declared) {
    expect(properties, logicalId).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
    });
  }
  for (const part of ['Role', 'LoggingConfig']) {
    expect(new Set(declared.map(({ properties }) => textOf(properties[part]))).size).toBe(declared.length);
  }
  for (const { logicalId, properties } of prod.resources('AWS::Logs::LogGroup')) {
    expect(properties['RetentionInDays'], logicalId).toBe(30);
  }
});

test('confirmations and webhooks have executions set aside, and nothing else does', () => {
  const reserved = prod
    .resources('AWS::Lambda::Function')
    .filter(({ properties }) => 'ReservedConcurrentExecutions' in properties)
    .map(({ properties }) => [properties['Description'], properties['ReservedConcurrentExecutions']]);
  expect(reserved).toEqual([
    ['Runs the purchase that a buyer has authorised', prod.stage.reservedConcurrency.confirm],
    ["Takes Stripe's events into the payments queue", prod.stage.reservedConcurrency.webhook],
  ]);
});

test('a variable of the schema that is not given does not compile', () => {
  const stack = new Stack(openApp(), 'Scope');
  const schema = z.object({ TABLE_NAME: z.string() });
  const props = { entry: 'x', description: 'x', schema, timeoutSeconds: 1, memoryMiB: 128 };
  const defaults = { stage: stageNamed('local'), codeOf: stubCode };
  // @ts-expect-error TABLE_NAME is missing
  declareFunction(stack, 'Missing', defaults, { ...props, environment: {} });
  declareFunction(stack, 'Given', defaults, { ...props, environment: { TABLE_NAME: 'x' } });
  const given = Template.fromStack(stack).findResources('AWS::Lambda::Function', {
    Properties: { Environment: { Variables: { TABLE_NAME: 'x' } } },
  });
  expect(Object.keys(given)).toHaveLength(1);
});

const document = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.string(), Action: z.unknown(), Resource: z.unknown() })),
  }),
});

/** Actions for which AWS offers no resource to name. */
const WITHOUT_RESOURCES = new Set([
  'dynamodb:ListStreams',
  // Of a text message; nothing else of ours has this grant.
  'sns:Publish',
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
]);

/** Whether the resources are named in full; what is stored under names of their own is named by its place. */
function isExact(actions: readonly string[], named: readonly string[]): boolean {
  if (actions.every((action) => /^s3:(?:Get|Put|Delete)Object$/.test(action)))
    return /\{"Fn::ImportValue":"[^*]+"\},"\/(?:snapshots\/|erased\/|uploads\/|pictures\/|documents\/)?\*"/.test(
      named.join(),
    );
  return !named.join().includes('*');
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

test.each(STAGE_NAMES)('no role of stage %s may do more than it is said by name', (name) => {
  const { resources, policies } = synthesised(name);
  const statements = policies().flatMap(({ logicalId, properties }) =>
    z.parse(document, properties).PolicyDocument.Statement.map((statement) => ({ logicalId, ...statement })),
  );
  expect(statements.length).toBeGreaterThan(40);
  for (const { logicalId, Effect, Action, Resource } of statements) {
    const actions = list(Action).map(String);
    const named = list(Resource).map(textOf);
    expect(Effect, logicalId).toBe('Allow');
    expect(actions.join(), logicalId).not.toContain('*');
    expect(actions.every((action) => WITHOUT_RESOURCES.has(action)) || isExact(actions, named), logicalId).toBe(true);
  }
  for (const { logicalId, properties } of resources('AWS::IAM::Role')) {
    expect(properties, logicalId).not.toHaveProperty('ManagedPolicyArns');
  }
});

test('nobody may scan the table', () => {
  for (const { logicalId, properties } of prod.policies()) {
    expect(textOf(properties), logicalId).not.toMatch(/dynamodb:(Scan|PartiQL|DeleteTable|UpdateTable)/);
  }
});

test('only those that call Stripe may read its key, and only the webhook its signing secret', () => {
  const readers = (id: string): string[] =>
    functions.filter(({ secrets }) => secrets.some((secret) => secret === id)).map(({ node }) => node.id);
  expect(readers('stripeKey').toSorted()).toEqual([
    'CancelEvent',
    'Checkout',
    'PurchasePayments',
    'ReconcilePayments',
    'SettlePayments',
  ]);
  expect(readers('webhookSecret')).toEqual(['Webhook']);
  expect(readers('passwordPepper')).toEqual(['Accounts', 'Registration']);
  expect(readers('linkKey').toSorted()).toEqual(['Holders', 'Registration', 'SendMail', 'Teams', 'Wallets']);
  // Apple's push service lets in whoever signs passes.
  for (const id of ['applePassKey', 'applePassCertificates'])
    expect(readers(id).toSorted()).toEqual(['SendMail', 'Wallets']);
  expect(readers('googleWallet')).toEqual(['Wallets']);
});

test.each(STAGE_NAMES)('the template of stage %s lists every secret that a function may read, and no other', (name) => {
  const { templates, policies, stage } = synthesised(name);
  const listed = z.parse(
    z.object({ Metadata: z.object({ [SECRETS_METADATA]: z.array(z.looseObject({ name: z.string() })) }) }),
    templates[STACK_NAMES.app],
  ).Metadata[SECRETS_METADATA];
  const granted = [...textOf(policies()).matchAll(/parameter(\/onsale\/[\w/-]+)/g)].map(([, path]) => String(path));
  expect(listed?.map((secret) => secret.name).toSorted()).toEqual([...new Set(granted)].toSorted());
  // What setup makes is what is read: a secret that nobody reads would be made for nothing.
  const wanted = secretsOf(name).filter(
    // Only what stands behind a distribution has it prove itself.
    (secret) => stage.domains !== undefined || secret.name !== secretName(name, 'originKeys'),
  );
  expect(listed).toEqual(wanted);
});

test('no secret is made by a template', () => {
  for (const name of STAGE_NAMES) {
    const types = synthesised(name)
      .resources()
      .map(({ type }) => type);
    expect(types.filter((type) => /^AWS::(SSM::Parameter|SecretsManager)/.test(type))).toEqual([]);
  }
});

test('every route of every contract leads to one function, and so does whatever matches none', () => {
  const deployed = prod.resources('AWS::ApiGatewayV2::Route').map(({ properties }) => String(properties['RouteKey']));
  expect(deployed.toSorted()).toEqual([...allRoutes.map(routeKey), OTHERS].toSorted());
});

test('a route leads to the function whose handler serves it', () => {
  const serving = (id: string): string[] =>
    handlerFiles().filter((entry) => new RegExp(`\\b${id}\\b`).test(servedBy(entry)));
  const integrations = prod.resources('AWS::ApiGatewayV2::Integration');
  for (const { properties } of prod.resources('AWS::ApiGatewayV2::Route')) {
    const target = textOf(properties['Target']);
    const integration = integrations.find(({ logicalId }) => target.includes(`"${logicalId}"`));
    const uri = textOf(integration?.properties['IntegrationUri']);
    const fn = functions.find(({ lambda }) => uri.includes(`"${prod.stacks.app.getLogicalId(elementOf(lambda))}"`));
    const entries =
      properties['RouteKey'] === OTHERS ? ['site/handlers/http-site.ts'] : serving(String(properties['OperationName']));
    expect(entries, String(properties['RouteKey'])).toContain(fn?.entry);
  }
});

/** The text of a handler file, with the lists of routes that it serves from files beside its folder. */
function servedBy(entry: string): string {
  const handler = readFileSync(join(ROOT, 'functions', entry), 'utf8');
  const lists = [...handler.matchAll(/from '\.\.\/(serve-[\w-]+\.ts)'/g)].map(([, file = '']) =>
    readFileSync(join(ROOT, 'functions', entry, '../..', file), 'utf8'),
  );
  return [handler, ...lists].join('\n');
}

function elementOf(construct: IConstruct): CfnElement {
  const { defaultChild } = construct.node;
  if (!CfnElement.isCfnElement(defaultChild)) throw new Error(`${construct.node.path} is no resource`);
  return defaultChild;
}

test('a function has one integration and one permission, however many routes it serves', () => {
  const integrations = prod.resources('AWS::ApiGatewayV2::Integration');
  const targets = new Set(
    prod.resources('AWS::ApiGatewayV2::Route').map(({ properties }) => textOf(properties['Target'])),
  );
  expect(targets.size).toBe(integrations.length);
  expect(new Set(integrations.map(({ properties }) => textOf(properties['IntegrationUri']))).size).toBe(
    integrations.length,
  );
  const ofTheApi = prod
    .resources('AWS::Lambda::Permission')
    .filter(({ properties }) => properties['Principal'] === 'apigateway.amazonaws.com');
  expect(ofTheApi).toHaveLength(integrations.length);
});
