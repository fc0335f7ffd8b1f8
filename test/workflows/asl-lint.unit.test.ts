import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { PURCHASE_ASL, purchaseAsl, type AslState } from './purchase-machine.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'statemachines');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.asl.json'));

/** Functions that the purchase machine may name; the infrastructure fills them in. */
const PLACEHOLDERS = ['PurchaseLedger', 'PurchasePayments'];
/** Tasks without a Catch, each with its reason. */
const UNCAUGHT: Readonly<Record<string, string>> = {
  ValidateOrder:
    'nothing has been done yet: failing the execution tells the caller so, and its refusals are the answer',
};
/** Errors after which the same step may be sent again at once: it did not run, or the store was busy. */
const TRANSIENT = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'StoreBusyError',
];
/** Seconds a state may take; functions and the provider's call are shorter (design: 4 s < 4.5 s < 5 s). */
const SECONDS: Readonly<Record<string, number>> = { PurchaseLedger: 2, PurchasePayments: 5 };

const states = Object.entries(purchaseAsl.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

function targetsOf({ Next, Default, Choices = [], Catch = [] }: AslState): readonly string[] {
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((caught) => caught.Next)].filter(
    (name) => name !== undefined,
  );
}

/** Everything in a JSON text that bears `name`, however deep. */
function membersNamed(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...membersNamed(member, name),
  ]);
}

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const definition: unknown = JSON.parse(text);

  it('uses nothing that the interpreter of the tests and the local runtime would ignore or do wrongly', () => {
    expect(membersNamed(definition, 'QueryLanguage').filter((language) => language !== 'JSONPath')).toEqual([]);
    for (const member of [
      'Assign',
      'Arguments',
      'Output',
      'Condition',
      'ItemReader',
      'ItemBatcher',
      'ResultWriter',
      'ToleratedFailurePercentage',
    ]) {
      expect({ member, found: membersNamed(definition, member) }).toEqual({ member, found: [] });
    }
    expect(membersNamed(definition, 'Mode').filter((mode) => mode === 'DISTRIBUTED')).toEqual([]);
    expect(text).not.toContain('{%');
  });

  it('waits for less than 24 days, and only for stated seconds', () => {
    for (const seconds of membersNamed(definition, 'Seconds')) expect(seconds).toBeLessThan(24 * 86_400);
    expect(membersNamed(definition, 'Timestamp')).toEqual([]);
  });

  it('every Task states its time-out; without one the interpreter takes 60 s and the service a year', () => {
    const missing = membersNamed(definition, 'States')
      .flatMap((group) => Object.entries(Object(group)))
      .filter(([, state]) => Object(state).Type === 'Task' && typeof Object(state).TimeoutSeconds !== 'number');
    expect(missing.map(([name]) => name)).toEqual([]);
  });
});

describe('purchase.asl.json', () => {
  it('reaches every state, and only states that there are', () => {
    const reached = new Set([purchaseAsl.StartAt]);
    for (const name of reached)
      for (const next of targetsOf(purchaseAsl.States[name] ?? { Type: 'missing' })) reached.add(next);
    expect([...reached].toSorted()).toEqual(Object.keys(purchaseAsl.States).toSorted());
  });

  it('names only the functions that the infrastructure knows, each at least once', () => {
    const named = [...PURCHASE_ASL.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    expect([...new Set(named)].toSorted()).toEqual(PLACEHOLDERS);
    expect(PURCHASE_ASL).not.toMatch(/arn:aws:lambda/);
  });

  it.each(tasks)('%s calls its own step, by name', (name, { Resource, Parameters }) => {
    expect(Resource).toBe('arn:aws:states:::lambda:invoke');
    expect(Parameters?.['Payload']).toEqual({ step: name, 'input.$': '$' });
  });

  it.each(tasks)('%s has its part of the ten seconds, or less', (_name, { Parameters, TimeoutSeconds }) => {
    const placeholder = String(Parameters?.['FunctionName']).slice(2, -1);
    expect(TimeoutSeconds).toBe(SECONDS[placeholder]);
    expect(purchaseAsl.TimeoutSeconds).toBe(10);
  });

  it('a Task without a Catch says why', () => {
    const uncaught = tasks.filter(([, { Catch = [] }]) => Catch.length === 0);
    expect(uncaught.map(([name]) => name)).toEqual(Object.keys(UNCAUGHT));
  });

  it.each(tasks.filter(([name]) => !(name in UNCAUGHT)))(
    '%s catches whatever may go wrong',
    (_name, { Catch = [] }) => {
      expect(Catch.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'AnswerProcessing' });
    },
  );

  it.each(tasks)('%s is sent again only for transient errors', (_name, { Retry = [] }) => {
    expect(Retry.flatMap(({ ErrorEquals }) => ErrorEquals).filter((error) => !TRANSIENT.includes(error))).toEqual([]);
  });

  it('a step that moves money is never sent again by the machine: a lost answer is an unknown outcome', () => {
    const retried = tasks.filter(
      ([, { Parameters, Retry }]) => Parameters?.['FunctionName'] === '${PurchasePayments}' && Retry !== undefined,
    );
    expect(retried.map(([name]) => name)).toEqual([]);
  });

  it('compensates only after a definite refusal: nothing unknown leads to a release, a void or a failure', () => {
    const compensations = ['ReleaseInventory', 'VoidOrRefundPayment', 'FailOrder', 'ReopenOrder'];
    const caught = tasks.flatMap(([name, { Catch = [] }]) =>
      Catch.map(({ ErrorEquals, Next }) => ({ name, ErrorEquals, Next })),
    );
    const leading = caught.filter(({ Next }) => compensations.includes(Next));
    expect(leading.map(({ name, ErrorEquals, Next }) => `${name} ${ErrorEquals.join()} → ${Next}`)).toEqual([
      'SecureInventory PAYMENT_RETURN_DUE → VoidOrRefundPayment',
      'VerifyAuthorisation PAYMENT_NOT_AUTHORISED → ReopenOrder',
      'VerifyAuthorisation PAYMENT_REFUSED → ReleaseInventory',
      'CapturePayment PAYMENT_NOT_AUTHORISED → ReopenOrder',
      'CapturePayment PAYMENT_REFUSED → ReleaseInventory',
    ]);
  });
});
