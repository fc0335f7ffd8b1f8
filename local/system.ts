import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readAssembly } from './cloudformation/assembly.ts';
import { Model } from './cloudformation/model.ts';
import { handleControl } from './control.ts';
import { consumedQueues, startPollers } from './event-sources.ts';
import type { Poller } from './events/mapping.ts';
import { startRules } from './events/rules.ts';
import { Scheduler } from './events/scheduler.ts';
import { HttpApi } from './http/http-api.ts';
import { bindServer, serveMain } from './http/servers.ts';
import { RolePolicies, UseRecorder } from './iam/policies.ts';
import { type Rest, waitUntilIdle } from './idle.ts';
import { Functions } from './lambda/functions.ts';
import { Logs } from './lambda/logs.ts';
import { Metrics } from './lambda/metrics.ts';
import { DEFAULT_LIMITS, type LocalPorts, type LocalSystemOptions, PORT_USES } from './options.ts';
import { HOST, type PortChoice, reservePort } from './ports.ts';
import { DynamoDbApi } from './services/dynamodb-api.ts';
import { FaultyDynamoDb } from './services/dynamodb-faults.ts';
import { startDynamoDbLocal } from './services/dynamodb.ts';
import { type Inbox, inboxFile, startInbox } from './services/inbox.ts';
import { Kms } from './services/kms.ts';
import { Messaging } from './services/messaging.ts';
import { PrivateFile } from './services/private-file.ts';
import { Secrets } from './services/secrets.ts';
import { PushService } from './services/apple-push.ts';
import { StateMachines } from './services/step-functions.ts';
import { createTables, tablesOf } from './services/tables.ts';
import { lockState } from './state-lock.ts';
import { welcomePage } from './welcome.ts';

/** A running local system. */
export interface LocalSystem {
  /** Base URL of the HTTP API, the welcome page and /metrics. */
  readonly url: string;
  readonly controlUrl: string;
  readonly inboxUrl: string;
  readonly dynamodbUrl: string;
  /** SQS, SNS topics and S3. */
  readonly awsUrl: string;
  /** The Stripe stand-in; undefined when Stripe itself is used, or no template asks for Stripe. */
  readonly stripeUrl: string | undefined;
  /**
   * Variables by which another process, or a test, reaches the same emulators with the AWS SDK: region,
   * credentials, `AWS_ENDPOINT_URL_*`, `TABLE_NAME` when there is one table, `KMS_KEY` when there is one key.
   */
  readonly environment: Readonly<Record<string, string>>;
  readonly model: Model;
  readonly functions: Functions;
  readonly stateMachines: StateMachines;
  readonly messaging: Messaging;
  readonly scheduler: Scheduler;
  readonly secrets: Secrets;
  readonly policies: RolePolicies;
  readonly recorder: UseRecorder;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly dynamodb: DynamoDbApi;
  /** Whether every table is empty. */
  isEmpty(): Promise<boolean>;
  /** Waits until nothing is in hand (see idle.ts). */
  idle(timeoutMs?: number): Promise<Rest>;
  /** Ends everything, children included. */
  close(): Promise<void>;
}

type Closer = () => Promise<void> | void;

/**
 * Boots everything that the templates of a cloud assembly declare, on loopback, and resolves when all
 * of it answers. When any part fails, what had started is ended and the promise rejects; a
 * {@link StartFailure} says in one sentence what to do.
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return await boot(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nobody but the functions asks there. */
const FAULTS_PORT: PortChoice = { port: 0, use: 'the faults of DynamoDB', flag: '--dynamodb-faults' };

async function boot(options: LocalSystemOptions, closers: Closer[], close: () => Promise<void>): Promise<LocalSystem> {
  const log = options.log ?? (() => undefined);
  const { directory } = options;
  const at = (name: string): string | undefined => (directory === undefined ? undefined : join(directory, name));
  const port = (name: keyof LocalPorts): PortChoice => ({ port: options.ports?.[name] ?? 0, ...PORT_USES[name] });
  if (directory !== undefined) closers.push(lockState(directory));

  // The emulators start while the templates are still being synthesised. A failure of either is seen
  // only after both have settled, so that nothing starts behind our back while we close.
  const main = await bindServer(port('main'));
  closers.push(() => main.close());
  const control = await bindServer(port('control'));
  closers.push(() => control.close());
  const stripePort = await reservePort(port('stripe'));
  const [dynamodb, inbox, assembly] = await allOrNothing(
    startDatabase(directory, port('dynamodb').port, closers),
    startMail(port('inbox'), directory, closers),
    Promise.resolve(options.assembly),
  );
  const stacks = readAssembly(assembly);
  const region = stacks.find((stack) => stack.region !== undefined)?.region ?? options.region ?? 'us-east-1';
  const messaging = await Messaging.start({ dir: at('messaging'), port: port('aws'), region });
  closers.push(() => messaging.close());

  const realStripe = options.secrets?.stripeSecretKey !== undefined;
  const pushes = await PushService.start();
  closers.push(() => pushes.close());
  const parameters = {
    PublicUrl: main.url,
    StripeApiUrl: realStripe ? '' : `http://${HOST}:${stripePort}`,
    ApplePushUrl: pushes.url,
  };
  const model = new Model(stacks, { region, parameters, addresses: { publicUrl: main.url, awsUrl: messaging.url } });
  const secrets = new Secrets(model, new PrivateFile(at('secrets.json')), options.secrets ?? {});
  const kms = new Kms(model, new PrivateFile(at('keys.json')));
  const policies = new RolePolicies(model);
  const recorder = new UseRecorder();
  const api = new DynamoDbApi(dynamodb.endpoint);
  const tables = tablesOf(model);
  const streams = await createTables(api, tables);
  await messaging.create(model);

  const metrics = new Metrics();
  const logs = new Logs(at('logs'), metrics);
  closers.push(() => logs.close());
  const endpoints = endpointVariables({
    dynamodb: dynamodb.endpoint,
    aws: messaging.url,
    control: control.url,
    ses: inbox.url,
  });
  const faulty =
    options.dynamoDbFaults === true
      ? await FaultyDynamoDb.start(dynamodb.endpoint, FAULTS_PORT, (token) => functions.byToken(token))
      : undefined;
  if (faulty !== undefined) closers.push(() => faulty.close());
  const functions: Functions = new Functions(model, policies, {
    environment: { ...endpoints, ...(faulty === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: faulty.url }) },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    observer: { logs, used: (use) => recorder.note(use) },
    deliver: (destination, record) => messaging.deliver(destination, record),
  });
  const stateMachines = new StateMachines(model, { functions, messaging, policies, recorder }, at('executions'));
  const scheduler = new Scheduler(model, { functions, stateMachines, messaging, policies, recorder, log });
  const httpApi = HttpApi.of(model, functions, new URL(main.url).host);
  const stripeUrl = realStripe
    ? undefined
    : await startStripe(secrets, model, stripePort, at('stripe.json'), log, closers);

  const pollers: Poller[] = [];
  const work = { functions, stateMachines, messaging, pollers, consumedQueues: consumedQueues(model) };
  const onlyTable = tables.length === 1 ? tables[0]?.name : undefined;
  const onlyKey = kms.arns.length === 1 ? kms.arns[0] : undefined;
  const addresses = {
    url: main.url,
    controlUrl: control.url,
    inboxUrl: inbox.url,
    dynamodbUrl: dynamodb.endpoint,
    awsUrl: messaging.url,
    stripeUrl,
    environment: {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'onsale',
      AWS_SECRET_ACCESS_KEY: 'onsale',
      AWS_SESSION_TOKEN: randomUUID(),
      ...endpoints,
      ...(onlyTable === undefined ? {} : { TABLE_NAME: onlyTable }),
      ...(onlyKey === undefined ? {} : { KMS_KEY: onlyKey }),
    },
  };
  const operator = { token: addresses.environment.AWS_SESSION_TOKEN, addresses: () => addresses };
  const controlled = {
    ...work,
    faulty,
    scheduler,
    kms,
    secrets,
    sms: inbox.texts,
    pushes,
    policies,
    recorder,
    logs,
    operator,
  };
  control.handler = (request, response) => handleControl(controlled, request, response);
  const links = linksOf(control.url, inbox.url, stripeUrl);
  const page = welcomePage(links, options.demo?.accounts ?? [], options.demo?.password ?? '');
  main.handler = (request, response) => serveMain(request, response, { page, metrics, httpApi });

  closers.push(async () => {
    scheduler.close();
    stateMachines.close();
    await Promise.all([...pollers.map((poller) => poller.close()), functions.close()]);
  });
  const sources = { model, functions, messaging, policies, recorder, api, streams, directory, log };
  pollers.push(...startPollers(sources));
  startRules({ ...sources, inbox });
  stateMachines.resume();
  if (options.fireSchedules !== false) scheduler.start();

  return {
    ...addresses,
    model,
    functions,
    stateMachines,
    messaging,
    scheduler,
    secrets,
    policies,
    recorder,
    logs,
    metrics,
    dynamodb: api,
    isEmpty: async () => (await Promise.all(tables.map(({ name }) => isEmptyTable(api, name)))).every(Boolean),
    idle: (timeoutMs = 30_000) => waitUntilIdle(work, timeoutMs),
    close,
  };
}

async function allOrNothing<A, B, C>(...parts: [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

async function startDatabase(
  directory: string | undefined,
  port: number,
  closers: Closer[],
): Promise<{ endpoint: string }> {
  const place = directory === undefined ? { memory: true as const } : { dir: join(directory, 'dynamodb') };
  const database = await startDynamoDbLocal({ ...place, port });
  closers.push(() => database.close());
  return database;
}

async function startMail(choice: PortChoice, directory: string | undefined, closers: Closer[]): Promise<Inbox> {
  const inbox = await startInbox(choice, directory === undefined ? undefined : inboxFile(directory));
  closers.push(() => inbox.close());
  return inbox;
}

/** The stand-in, when a template lists Stripe's secrets. It posts webhooks to the output `StripeWebhookUrl`. */
async function startStripe(
  secrets: Secrets,
  model: Model,
  port: number,
  stateFile: string | undefined,
  log: (line: string) => void,
  closers: Closer[],
): Promise<string | undefined> {
  const secretKey = secrets.ofKind('stripe-secret-key');
  if (secretKey === undefined) return undefined;
  const { startStripeStandIn } = await import('./stripe/server.ts');
  const declared = model.output('StripeWebhookUrl');
  const webhookUrl = typeof declared === 'string' ? declared : undefined;
  if (webhookUrl === undefined)
    log('No template has the output StripeWebhookUrl: the Stripe stand-in sends no webhooks.');
  const standIn = await startStripeStandIn({
    host: HOST,
    port,
    secretKey,
    webhookSecret: secrets.ofKind('stripe-webhook-secret') ?? '',
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(stateFile === undefined ? {} : { stateFile }),
    log,
  });
  closers.push(() => standIn.close());
  return standIn.url;
}

function endpointVariables(urls: {
  dynamodb: string;
  aws: string;
  control: string;
  ses: string;
}): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: urls.dynamodb,
    AWS_ENDPOINT_URL_SQS: urls.aws,
    // Text messages are ours; what is for topics is handed on to fauxqs.
    AWS_ENDPOINT_URL_SNS: urls.control,
    AWS_ENDPOINT_URL_S3: urls.aws,
    AWS_ENDPOINT_URL_SES: urls.ses,
    AWS_ENDPOINT_URL_SESV2: urls.ses,
    AWS_ENDPOINT_URL_SFN: urls.control,
    AWS_ENDPOINT_URL_KMS: urls.control,
    AWS_ENDPOINT_URL_LAMBDA: urls.control,
    // Any other service: the control server refuses it by name instead of the request leaving the machine.
    AWS_ENDPOINT_URL: urls.control,
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: new URL(urls.control).port,
  };
}

async function isEmptyTable(api: DynamoDbApi, name: string): Promise<boolean> {
  const answer = await api.call('DynamoDB_20120810.Scan', { TableName: name, Limit: 1, Select: 'COUNT' });
  return JSON.stringify(answer).includes('"Count":0');
}

function linksOf(
  controlUrl: string,
  inboxUrl: string,
  stripeUrl: string | undefined,
): Parameters<typeof welcomePage>[0] {
  return [
    { title: 'API documentation', url: '/api/docs', note: 'every route, generated from the contracts' },
    { title: 'Inbox', url: inboxUrl, note: 'the mail that the system sent' },
    ...(stripeUrl === undefined
      ? []
      : [{ title: 'Stripe stand-in', url: stripeUrl, note: 'its ledger: every payment and refund' }]),
    { title: 'Text messages', url: `${inboxUrl}/texts`, note: 'what was sent to phones' },
    { title: 'Metrics', url: '/metrics', note: 'the metric lines that functions logged, summed up' },
    { title: 'Functions', url: `${controlUrl}/_local/functions`, note: 'what runs, and how often it was invoked' },
    { title: 'Queues', url: `${controlUrl}/_local/queues`, note: 'what waits, dead letters included' },
    { title: 'Schedules', url: `${controlUrl}/_local/schedules`, note: 'what fires when' },
  ];
}
