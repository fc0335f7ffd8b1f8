import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';

import { purchaseRuns } from '../../functions/payments/purchase-runs.ts';

const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:purchase';
const ORDER = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const sfn = mockClient(SFNClient);
const answer = { executionArn: 'arn', startDate: new Date(0), stopDate: new Date(0) };

beforeEach(() => {
  sfn.reset();
});

describe('starting a purchase run', () => {
  it('names the run, says when it was started, and passes on what must match', async () => {
    sfn.on(StartSyncExecutionCommand).resolves({ ...answer, status: 'TIMED_OUT' });
    await purchaseRuns(ARN).run({ orderId: ORDER, paymentIntentId: 'pi_1' }, 1_000);
    const [call] = sfn.commandCalls(StartSyncExecutionCommand);
    const { stateMachineArn, name, input = '' } = call?.args[0].input ?? {};
    expect(stateMachineArn).toBe(ARN);
    expect(JSON.parse(input)).toEqual({ orderId: ORDER, paymentIntentId: 'pi_1', run: name, startedAt: 1_000 });
  });

  it('two runs never bear the same name: they would take each other for themselves', async () => {
    sfn.on(StartSyncExecutionCommand).resolves({ ...answer, status: 'TIMED_OUT' });
    const runs = purchaseRuns(ARN);
    await Promise.all([1, 2, 3].map(() => runs.run({ orderId: ORDER }, 1_000)));
    expect(new Set(sfn.commandCalls(StartSyncExecutionCommand).map(({ args }) => args[0].input.name)).size).toBe(3);
  });

  it.each(['ORDER_NOT_FOUND', 'PAYMENT_INTENT_MISMATCH'])('a run that fails with %s is a refusal', async (error) => {
    sfn.on(StartSyncExecutionCommand).resolves({ ...answer, status: 'FAILED', error });
    expect(await purchaseRuns(ARN).run({ orderId: ORDER }, 1_000)).toEqual({ ok: false, error });
  });

  it.each(['States.Timeout', 'Lambda.Unknown'])(
    'one that fails with %s has no answer, which is not a no',
    async (error) => {
      sfn.on(StartSyncExecutionCommand).resolves({ ...answer, status: 'FAILED', error });
      expect(await purchaseRuns(ARN).run({ orderId: ORDER }, 1_000)).toEqual({ ok: true, value: undefined });
    },
  );

  it.each(['ThrottlingException', 'TimeoutError'])('nor has one whose call broke with %s', async (name) => {
    sfn.on(StartSyncExecutionCommand).rejects(Object.assign(new Error('broken'), { name }));
    expect(await purchaseRuns(ARN).run({ orderId: ORDER }, 1_000)).toEqual({ ok: true, value: undefined });
  });
});
