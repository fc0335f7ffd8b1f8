import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSystem } from '../../local/system.ts';
import { bootFixture, call, functionNamed, logged, until } from './fixture/boot.ts';
import { freshDirectory } from './fixture/build.ts';

const directory = freshDirectory('fixture-state');
let system: LocalSystem;
beforeAll(async () => {
  system = await bootFixture({ directory });
}, 60_000);
afterAll(() => system.close());

const queueName = (part: string) =>
  system.messaging.counts().find(({ name }) => name.startsWith(`FixtureMain-${part}`))?.name ?? '';
const control = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${system.controlUrl}/_local/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
};
const sawIds = (name: string) => logged(system, name).map(({ saw }) => saw);

describe('SQS', () => {
  it('retries what failed alone, and moves it to the dead-letter queue by its receive count', async () => {
    for (const [id, behaviour] of [
      ['good', 'fine'],
      ['bad', 'fail'],
    ])
      await call(system, 'POST', '/queue', { id, behaviour });
    for (const attempts of [1, 2]) {
      await until(
        () => sawIds('queue').filter((id) => id === 'bad').length,
        (count) => count === attempts,
      );
      // The visibility timeout is brought forward once the batch has ended, instead of being slept through.
      await until(
        () => system.functions.find(functionNamed(system, 'queue'))?.state.running,
        (running) => running === 0,
      );
      await until(
        () => system.messaging.release(queueName('Queue')),
        (released) => released === 1,
      );
    }
    const dead = await until(
      () => system.messaging.bodies(queueName('Dlq')) ?? [],
      (bodies) => bodies.length === 1,
    );
    expect(JSON.parse(dead[0] ?? '')).toMatchObject({ id: 'bad' });
    expect(sawIds('queue').filter((id) => id === 'good')).toHaveLength(1);
    expect(sawIds('queue').filter((id) => id === 'bad')).toHaveLength(2);
    expect((await control('GET', 'queues')).body).toContainEqual(
      expect.objectContaining({ name: queueName('Dlq'), ready: 1, consumed: false }),
    );
  });

  it('gets messages that a topic delivers raw', async () => {
    await call(system, 'POST', '/topic', { id: 'from topic' });
    const ids = await until(
      () => sawIds('queue'),
      (seen) => seen.includes('from topic'),
    );
    expect(ids.filter((id) => id === 'from topic')).toHaveLength(1);
  });
});

describe('DynamoDB streams', () => {
  it('delivers changes in order, without those that the filter leaves out', async () => {
    await call(system, 'POST', '/items', { pk: 'unnumbered', sk: 'X' });
    const items = Array.from({ length: 20 }, (_, n) => ({ pk: `o${n}`, sk: 'X', n }));
    for (const item of items) await call(system, 'POST', '/items', item);
    expect(await system.idle()).toMatchObject({ idle: true });
    await until(
      () => sawIds('stream'),
      (ids) => ids.length >= items.length,
    );
    expect(sawIds('stream')).toEqual(items.map(({ n }) => String(n)));
  });

  it('splits a failing batch until the poisoned record is alone, and gives up that one only', async () => {
    const items = ['p0', 'p1', 'p2', 'p3'].map((pk, n) => ({
      pk,
      sk: 'X',
      n: 100 + n,
      ...(pk === 'p2' ? { poison: 'yes' } : {}),
    }));
    await call(system, 'POST', '/transactions', { items });
    const given = await until(
      () => system.messaging.bodies(queueName('StreamDlq')) ?? [],
      (bodies) => bodies.length > 0,
    );
    expect(await system.idle()).toMatchObject({ idle: true });
    const lost = given
      .map((body) => JSON.parse(body).DDBStreamBatchInfo.batchSize)
      .reduce((sum, size) => sum + size, 0);
    const seen = await until(
      () => sawIds('stream').filter((n) => Number(n) >= 100),
      (numbers) => numbers.length + lost >= 4,
    );
    expect(seen).not.toContain('102');
    expect(seen.length + lost).toBe(4);
    expect(lost).toBeLessThan(4);
  });

  it('goes on after a restart where it was, with queues, keys and mail kept', async () => {
    await call(system, 'POST', '/mail');
    const secret = (await call(system, 'GET', '/secret')).body;
    await system.close();
    // A change made while nothing reads the stream: the next start must deliver it, and only it.
    system = await bootFixture({ directory });
    const alone = sawIds('stream');
    await call(system, 'POST', '/items', { pk: 'after', sk: 'X', n: 999 });
    await until(
      () => sawIds('stream'),
      (ids) => ids.includes('999'),
    );
    expect(alone).toEqual([]);
    expect(sawIds('stream')).toEqual(['999']);
    expect(system.messaging.bodies(queueName('Dlq'))).toHaveLength(1);
    expect((await call(system, 'GET', '/secret')).body).toEqual(secret);
    const store = await (await fetch(`${system.inboxUrl}/store`)).json();
    expect(store).toHaveProperty('emails.length', 1);
  }, 30_000);

  it('delivers empty maps and lists as AWS writes them', async () => {
    await call(system, 'POST', '/items', {
      pk: 'empty',
      sk: 'X',
      n: 1_000,
      plain: {},
      nested: { list: [], maps: [{}] },
    });
    await until(
      () => sawIds('stream'),
      (ids) => ids.includes('1000'),
    );
    expect(logged(system, 'stream').find(({ saw }) => saw === '1000')?.['image']).toMatchObject({
      plain: { M: {} },
      nested: { M: { list: { L: [] }, maps: { L: [{ M: {} }] } } },
    });
  });
});

describe('schedules', () => {
  it('fires at a chosen time and answers with what came of it', async () => {
    const fired = await control('POST', 'schedules/each-minute/fire', { time: '2026-11-19T20:00:00Z' });
    expect(fired).toMatchObject({
      status: 200,
      body: { outcome: 'success', result: { received: { time: '2026-11-19T20:00:00Z' } } },
    });
    expect((await control('POST', 'schedules/nobody/fire', {})).status).toBe(404);
    expect((await control('GET', 'schedules')).body).toMatchObject([{ name: 'each-minute', state: 'ENABLED' }]);
  });
});

describe('Step Functions', () => {
  it('runs an Express machine to its end', async () => {
    expect((await call(system, 'POST', '/flows', { n: 4 })).body).toEqual({ status: 'SUCCEEDED', output: '{"n":5}' });
  });

  it("catches a function's error by its name", async () => {
    const { body } = await call(system, 'POST', '/flows', { behaviour: 'refuse' });
    expect(body).toMatchObject({ status: 'FAILED', error: 'Declined' });
    expect(JSON.parse(body.cause)).toMatchObject({ errorType: 'CARD_DECLINED', errorMessage: 'refused on purpose' });
  });

  it('catches the timeout of a state', async () => {
    expect((await call(system, 'POST', '/flows', { behaviour: 'slow' })).body).toEqual({
      status: 'SUCCEEDED',
      output: '{"outcome":"unknown"}',
    });
  });

  it('starts a Standard execution once for each name', async () => {
    const first = await call(system, 'POST', '/long-flows/once', { seconds: 0 });
    expect(first.body.executionArn).toMatch(/:execution:.*:once$/);
    await until(
      () => sawIds('queue'),
      (ids) => ids.includes('once'),
    );
    expect(await call(system, 'POST', '/long-flows/once', { seconds: 0 })).toEqual({
      status: 409,
      body: 'ExecutionAlreadyExists',
    });
    const history = await system.stateMachines.call('GetExecutionHistory', first.body);
    expect(JSON.stringify(history)).toContain('WaitStateEntered');
    expect(await system.stateMachines.call('DescribeExecution', first.body)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('does not let a machine invoke what its role does not allow', async () => {
    const tasks = system.stateMachines.tasks.handlers('stranger', 'arn:aws:iam::000000000000:role/none', [
      { stateName: 'S', resource: 'arn:aws:states:::lambda:invoke', heartbeatSeconds: undefined },
    ]);
    await expect(tasks['S']?.({ FunctionName: functionNamed(system, 'step') })).rejects.toMatchObject({
      name: 'Lambda.AWSLambdaException',
    });
  });
});
