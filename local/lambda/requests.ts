import type { Use } from '../iam/match.ts';

/**
 * Which permissions an AWS request uses, read from the request itself. Runs inside worker threads
 * before the request leaves, so it is quick and depends on nothing.
 */

/** An AWS request about to be sent. */
export interface AwsRequest {
  /** Service name of the signature's scope, like `dynamodb` or `states`. */
  readonly service: string;
  /** Value of `X-Amz-Target`; empty without one. */
  readonly target: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What names in requests stand for. */
export interface RequestScope {
  readonly region: string;
  readonly account: string;
  /** Key ARN of each KMS alias. */
  readonly keyAliases: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

/** The uses of a request, each of which must be allowed. */
export function usesOf(request: AwsRequest, scope: RequestScope): Use[] {
  const operation = request.target.split('.').at(-1) ?? '';
  switch (request.service) {
    case 'dynamodb':
      return dynamoDbUses(operation, json(request.body), scope);
    case 'sqs':
      return [sqsUse(operation, json(request.body), scope)];
    case 'states':
      return [statesUse(operation, json(request.body))];
    case 'kms':
      return [{ action: `kms:${operation}`, resource: keyArn(json(request.body), scope) }];
    case 'ssm':
      return ssmUses(operation, json(request.body), scope);
    case 'sns':
      return [snsUse(new URLSearchParams(request.body))];
    case 'ses':
      return sesUses(new URLSearchParams(request.body), scope);
    case 'lambda':
      return [{ action: 'lambda:InvokeFunction', resource: functionArn(request.path, scope) }];
    case 's3':
      return [s3Use(request)];
    default:
      return [{ action: `${request.service}:${operation || request.method}`, resource: '*' }];
  }
}

function json(body: string): Json {
  const value: unknown = JSON.parse(body === '' ? '{}' : body);
  return isJson(value) ? value : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

function dynamoDbUses(operation: string, body: Json, scope: RequestScope): Use[] {
  const table = (name: unknown): string =>
    text(name).startsWith('arn:')
      ? text(name)
      : `arn:aws:dynamodb:${scope.region}:${scope.account}:table/${text(name)}`;
  if (Array.isArray(body['TransactItems'])) {
    const uses = body['TransactItems'].flatMap((item: unknown) =>
      isJson(item)
        ? Object.entries(item).map(([kind, write]) => ({
            action: `dynamodb:${TRANSACTION_ACTIONS[kind] ?? kind}`,
            resource: table(isJson(write) ? write['TableName'] : ''),
          }))
        : [],
    );
    return [...new Map(uses.map((use) => [`${use.action} ${use.resource}`, use])).values()];
  }
  const action = `dynamodb:${operation}`;
  if (isJson(body['RequestItems'])) {
    return Object.keys(body['RequestItems']).map((name) => ({ action, resource: table(name) }));
  }
  if (typeof body['StreamArn'] === 'string') return [{ action, resource: body['StreamArn'] }];
  if (typeof body['TableName'] !== 'string') return [{ action, resource: '*' }];
  const index = text(body['IndexName']);
  return [{ action, resource: index === '' ? table(body['TableName']) : `${table(body['TableName'])}/index/${index}` }];
}

function sqsUse(operation: string, body: Json, { region, account }: RequestScope): Use {
  const queue = text(body['QueueUrl']).split('/').at(-1) || text(body['QueueName']);
  return { action: `sqs:${operation.replace(/Batch$/, '')}`, resource: `arn:aws:sqs:${region}:${account}:${queue}` };
}

function statesUse(operation: string, body: Json): Use {
  const resource = text(body['stateMachineArn']) || text(body['executionArn']) || '*';
  return { action: `states:${operation}`, resource };
}

function ssmUses(operation: string, body: Json, { region, account }: RequestScope): Use[] {
  const names = Array.isArray(body['Names']) ? body['Names'].map(text) : [text(body['Name'])];
  return names.map((name) => ({
    action: `ssm:${operation}`,
    resource: `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`,
  }));
}

function snsUse(form: URLSearchParams): Use {
  return { action: `sns:${(form.get('Action') ?? '').replace(/Batch$/, '')}`, resource: form.get('TopicArn') ?? '*' };
}

function sesUses(form: URLSearchParams, { region, account }: RequestScope): Use[] {
  const action = `ses:${form.get('Action') ?? ''}`;
  const raw = Buffer.from(form.get('RawMessage.Data') ?? '', 'base64').toString('latin1');
  const sender = form.get('Source') ?? /^From:\s*(.+)$/im.exec(raw)?.[1] ?? '';
  const address = (/<([^>]+)>/.exec(sender)?.[1] ?? sender).trim();
  const at = `arn:aws:ses:${region}:${account}`;
  const context = { 'ses:FromAddress': address };
  const set = form.get('ConfigurationSetName');
  return [
    { action, resource: `${at}:identity/${address.split('@').at(-1) ?? ''}`, context },
    ...(set === null ? [] : [{ action, resource: `${at}:configuration-set/${set}`, context }]),
  ];
}

/** Length of the key id that leads our ciphertexts is in their first byte (see services/kms.ts). */
function keyArn(body: Json, { region, account, keyAliases }: RequestScope): string {
  const blob = Buffer.from(text(body['CiphertextBlob']), 'base64');
  const named = text(body['KeyId']) || blob.subarray(1, 1 + (blob[0] ?? 0)).toString();
  if (named.startsWith('arn:') && named.includes(':key/')) return named;
  const alias = named.startsWith('arn:') ? (named.split(':').at(-1) ?? '') : named;
  return keyAliases[alias] ?? `arn:aws:kms:${region}:${account}:key/${named}`;
}

function functionArn(path: string, { region, account }: RequestScope): string {
  const named = decodeURIComponent(/\/functions\/([^/]+)/.exec(path)?.[1] ?? '');
  return named.startsWith('arn:') ? named : `arn:aws:lambda:${region}:${account}:function:${named}`;
}

function s3Use({ method, path }: AwsRequest): Use {
  const url = new URL(path, 'http://s3.local');
  const [, bucket = '', ...key] = decodeURIComponent(url.pathname).split('/');
  const object = key.join('/');
  if (object === '' && !url.searchParams.has('delete')) {
    return { action: `s3:${method === 'PUT' ? 'CreateBucket' : 'ListBucket'}`, resource: `arn:aws:s3:::${bucket}` };
  }
  const verbs: Record<string, string> = { GET: 'GetObject', HEAD: 'GetObject', DELETE: 'DeleteObject' };
  const action = url.searchParams.has('delete') ? 'DeleteObject' : (verbs[method] ?? 'PutObject');
  return { action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}/${object === '' ? '*' : object}` };
}
