import { connect } from 'node:net';
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantsOf, unusedGrants } from '../../local/iam/policies.ts';
import type { LocalSystem } from '../../local/system.ts';
import { bootFixture, call, functionNamed, logged, until } from './fixture/boot.ts';

let system: LocalSystem;
beforeAll(async () => {
  system = await bootFixture();
}, 60_000);
afterAll(() => system.close());

describe('API Gateway', () => {
  it('hands the function a request in payload format 2.0', async () => {
    const response = await fetch(`${system.url}/echo/a%20b/c?x=1&x=2&y=%26`, {
      headers: { cookie: 'one=1; two=2', 'X-Twice': 'a', 'user-agent': 'test' },
    });
    const event = await response.json();
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /echo/{proxy+}',
      rawQueryString: 'x=1&x=2&y=%26',
      queryStringParameters: { x: '1,2', y: '&' },
      cookies: ['one=1', 'two=2'],
      pathParameters: { proxy: 'a b/c' },
      isBase64Encoded: false,
      requestContext: { stage: '$default', http: { method: 'GET', userAgent: 'test' } },
    });
    expect(event).toHaveProperty('headers.x-twice', 'a');
    expect(event).not.toHaveProperty('headers.cookie');
    expect(event).not.toHaveProperty('body');
  });

  it('hands over text as it is and anything else as Base64', async () => {
    const send = async (type: string, body: string | Uint8Array<ArrayBuffer>) =>
      (await fetch(`${system.url}/echo/x`, { method: 'POST', headers: { 'content-type': type }, body })).json();
    expect(await send('application/json', '{"a":"ü"}')).toMatchObject({ body: '{"a":"ü"}', isBase64Encoded: false });
    expect(await send('application/octet-stream', 'abc')).toMatchObject({ body: 'YWJj', isBase64Encoded: true });
    expect(await send('application/json', new Uint8Array([255, 254]))).toMatchObject({
      body: '//4=',
      isBase64Encoded: true,
    });
  });

  it('prefers a fixed segment to a parameter, and knows no other route', async () => {
    expect((await call(system, 'GET', '/items/special')).body).toEqual({ matched: 'fixed' });
    expect((await call(system, 'GET', '/items/7')).body).toEqual({ matched: 'parameter', id: '7' });
    expect(await call(system, 'PATCH', '/items/7')).toEqual({ status: 404, body: { message: 'Not Found' } });
    expect((await call(system, 'GET', '/items/%E0%A4%A')).status).toBe(400);
  });

  it('shapes the answer: status, headers, cookies, Base64 body, a plain value', async () => {
    const shaped = await fetch(`${system.url}/shaped`);
    expect(shaped.status).toBe(201);
    expect(shaped.headers.get('x-custom')).toBe('yes');
    expect(shaped.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([...new Uint8Array(await shaped.arrayBuffer())]).toEqual([1, 2, 255]);
    const plain = await fetch(`${system.url}/items/7`);
    expect(plain.headers.get('content-type')).toBe('application/json');
  });

  it.each(['/throws', '/malformed', '/bad-header'])('answers 500 for %s and lives on', async (path) => {
    expect(await call(system, 'GET', path)).toEqual({ status: 500, body: { message: 'Internal Server Error' } });
    expect((await call(system, 'GET', '/items/7')).status).toBe(200);
  });

  it('refuses a body beyond its limits', async () => {
    const huge = await fetch(`${system.url}/echo/x`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(huge.status).toBe(413);
  });

  it("throttles by the stage's settings", async () => {
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await call(system, 'GET', '/text')).status));
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429]);
  });

  it('answers preflight requests of allowed origins only', async () => {
    const preflight = (origin: string) =>
      fetch(`${system.url}/text`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    expect((await preflight('https://shop.example')).headers.get('access-control-allow-origin')).toBe(
      'https://shop.example',
    );
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('survives what is not HTTP', async () => {
    const { port } = new URL(system.url);
    await new Promise<void>((done) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('\0\r\nGARBAGE \u0001\r\n\r\n'));
      socket.on('close', () => done()).on('error', () => done());
      socket.resume();
    });
    expect((await call(system, 'GET', '/items/7')).status).toBe(200);
  });

  it('serves a welcome page and the metrics that functions logged', async () => {
    expect((await call(system, 'GET', '/')).body).toContain('<h1>Onsale is running');
    await call(system, 'POST', '/metric');
    await until(
      async () => String((await call(system, 'GET', '/metrics')).body),
      (text) => text.includes('Fixture_requests_sum{service="api"} 2'),
    );
  });
});

describe('Lambda', () => {
  const invoke = async (path: string) => {
    const event = JSON.stringify({ routeKey: `GET ${path}` });
    const pool = system.functions.find(functionNamed(system, 'api'));
    const result = await pool?.invoke(event);
    return result?.outcome === 'error' ? result.error : result;
  };

  it('gives context and an environment of its own', async () => {
    const { body } = await call(system, 'GET', '/context');
    expect(body.functionName).toBe(functionNamed(system, 'api'));
    expect(body.remaining).toBeGreaterThan(2_000);
    expect(body.env).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: body.functionName,
      PUBLIC_URL: system.url,
      TABLE_NAME: system.environment['TABLE_NAME'],
      JOINED: `b-us-east-1/${system.environment['TABLE_NAME']}`,
    });
    expect(body.env.AWS_ACCESS_KEY_ID).toMatch(/^[A-Z0-9]{20}$/);
    expect(body.env).not.toHaveProperty('VITEST');
  });

  it('reports errors by type, message and trace', async () => {
    expect(await invoke('/throws')).toMatchObject({ errorType: 'RangeError', errorMessage: 'thrown on purpose' });
  });

  it('ends a function at its timeout, also one that never yields', async () => {
    const timedOut = {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('Task timed out after 3.00 seconds'),
    };
    const [hung, spun] = await Promise.all([invoke('/hangs'), invoke('/spins')]);
    expect(hung).toMatchObject(timedOut);
    expect(spun).toMatchObject(timedOut);
    expect((await call(system, 'GET', '/items/7')).status).toBe(200);
  }, 15_000);

  it('reports an unhandled rejection and an exit as AWS does, and replaces the worker', async () => {
    expect(await invoke('/rejects')).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: nobody awaits me',
    });
    expect(await invoke('/exits')).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 3'),
    });
    expect((await call(system, 'GET', '/items/7')).status).toBe(200);
  });

  it('throttles beyond the reserved concurrency', async () => {
    const pool = system.functions.find(functionNamed(system, 'queue'));
    const event = JSON.stringify({ Records: [{ messageId: '1', body: '{"behaviour":"hang"}', attributes: {} }] });
    const outcomes = await Promise.all([1, 2, 3].map(async () => (await pool?.invoke(event))?.outcome));
    expect(outcomes.filter((outcome) => outcome === 'throttled')).toHaveLength(1);
  });

  it('kills workers in mid-flight on request', async () => {
    const name = functionNamed(system, 'api');
    const hanging = invoke('/hangs');
    await until(
      () => system.functions.find(name)?.state.running,
      (running) => running === 1,
    );
    const answer = await fetch(`${system.controlUrl}/_local/functions/${name}/kill`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ killed: expect.any(Number) });
    expect(await hanging).toMatchObject({ errorType: 'Runtime.ExitError' });
  });
});

describe('permissions', () => {
  it('lets through what the role allows, and records each use once', async () => {
    await call(system, 'POST', '/items', { pk: 'p', sk: 'X', kind: 'k' });
    await call(system, 'POST', '/transactions', { items: [{ pk: 'q', sk: 'X', kind: 'k' }] });
    expect((await call(system, 'GET', '/by-kind/k')).body).toEqual({ count: 2 });
    const table = `arn:aws:dynamodb:us-east-1:000000000000:table/${system.environment['TABLE_NAME']}`;
    const uses = system.recorder.all().filter(({ principal }) => principal === functionNamed(system, 'api'));
    expect(uses.filter(({ action }) => action === 'dynamodb:PutItem')).toEqual([
      { principal: functionNamed(system, 'api'), action: 'dynamodb:PutItem', resource: table, allowed: true },
    ]);
    expect(uses).toContainEqual(
      expect.objectContaining({ action: 'dynamodb:Query', resource: `${table}/index/byKind` }),
    );
  });

  it('refuses what it does not allow, in the words of each service', async () => {
    expect((await call(system, 'DELETE', '/items/p')).body).toMatchObject({
      denied: true,
      name: 'AccessDeniedException',
    });
    expect((await call(system, 'POST', '/denied/s3')).body).toMatchObject({ denied: true, name: 'AccessDenied' });
    expect((await call(system, 'POST', '/denied/parameter')).body.parameter).toContain('AccessDeniedException');
    expect((await call(system, 'POST', '/denied/fetch')).body.body).toContain('dynamodb:DeleteTable');
    const kept = await system.dynamodb.call('DynamoDB_20120810.GetItem', {
      TableName: system.environment['TABLE_NAME'],
      Key: { pk: { S: 'p' }, sk: { S: 'X' } },
    });
    expect(kept).toHaveProperty('Item');
  });

  it('shows refusals and unused grants', async () => {
    const answer = await fetch(`${system.controlUrl}/_local/iam`);
    expect(await answer.json()).toMatchObject({
      refused: expect.arrayContaining([expect.objectContaining({ action: 'dynamodb:DeleteItem' })]),
      unusedGrants: expect.arrayContaining([expect.objectContaining({ action: 'dynamodb:BatchWriteItem' })]),
    });
    const grants = grantsOf('f', [{ effect: 'Allow', actions: ['a:B', 'a:C'], resources: ['*'] }]);
    expect(unusedGrants(grants, [{ principal: 'f', action: 'a:B', resource: 'x', allowed: true }])).toEqual([
      grants[1],
    ]);
  });
});

describe('keys, secrets and mail', () => {
  it('seals, opens and signs with the keys of the template', async () => {
    const { body } = await call(system, 'POST', '/kms');
    expect(body).toMatchObject({ same: true, wrong: 'InvalidCiphertextException' });
    const key = createPublicKey({ key: Buffer.from(body.publicKey, 'base64'), format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from('to be signed'), key, Buffer.from(body.signature, 'base64'))).toBe(true);
  });

  it('serves generated secrets through the extension', async () => {
    const { body } = await call(system, 'GET', '/secret');
    expect(body.seed).toMatch(/^[0-9a-f]{64}$/);
    const ring = JSON.parse(body.ring);
    expect(ring.keys[ring.current]).toMatch(/^[0-9a-f]{64}$/);
    const stranger = await fetch(`${system.controlUrl}/systemsmanager/parameters/get?name=/fixture/seed`);
    expect(stranger.status).toBe(400);
  });

  it('delivers mail to the inbox', async () => {
    expect((await call(system, 'POST', '/mail')).status).toBe(202);
    const store = await (await fetch(`${system.inboxUrl}/store`)).json();
    expect(store).toMatchObject({ emails: [{ subject: 'Hello', destination: { to: ['b@fixture.example'] } }] });
  });

  it('keeps web pages out of the control API', async () => {
    const answer = await fetch(`${system.controlUrl}/_local/functions`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(403);
  });
});

it('keeps what functions log apart', () => {
  expect(logged(system, 'schedule')).toEqual([]);
});
