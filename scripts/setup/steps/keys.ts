/** Keys that nobody chooses: generated here, stored as SecureString, seen by no one. */
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { randomBytes } from 'node:crypto';

import { isNamed } from '../errors.ts';
import { newRing } from '../key-ring.ts';
import { readParameters } from '../parameters.ts';
import type { FoundParameter } from '../parameters.ts';
import type { Context, SecretSpec, Step, StepStatus } from '../plan.ts';

type GeneratedKind = 'random-32-bytes' | 'key-ring';

type GeneratedSpec = SecretSpec & { readonly kind: GeneratedKind };

/**
 * A fresh value.
 *
 * @param kind `random-32-bytes`: 64 hex digits; `key-ring`: JSON `{"current": kid, "keys": {kid: hex}}`,
 * so that a later rotation can add a key while the old one still verifies
 */
export function generateSecret(kind: GeneratedKind): string {
  switch (kind) {
    case 'random-32-bytes':
      return randomBytes(32).toString('hex');
    case 'key-ring':
      return JSON.stringify(newRing());
  }
}

export function decideKeys(wanted: readonly SecretSpec[], found: ReadonlyMap<string, FoundParameter>): StepStatus {
  const plain = wanted.filter(({ name }) => (found.get(name)?.type ?? 'SecureString') !== 'SecureString');
  if (plain.length > 0) {
    return {
      kind: 'waiting',
      detail: `stored unencrypted: ${names(plain)}`,
      todo: ['Delete these parameters and treat their values as leaked; setup then creates new ones.'],
    };
  }
  const absent = wanted.filter(({ name }) => !found.has(name));
  if (absent.length > 0) {
    return {
      kind: 'missing',
      detail: `${absent.length} of ${wanted.length} keys are missing`,
      will: `generate ${names(absent)}`,
    };
  }
  return { kind: 'done', detail: `${wanted.length} keys are stored` };
}

function names(specs: readonly SecretSpec[]): string {
  return specs.map(({ name, purpose }) => `${name} (${purpose})`).join(', ');
}

function generated(context: Context): readonly GeneratedSpec[] {
  return context.input.secrets.flatMap((spec) => {
    switch (spec.kind) {
      case 'random-32-bytes':
      case 'key-ring':
        return [{ ...spec, kind: spec.kind }];
      case 'stripe-secret-key':
      case 'stripe-webhook-secret':
      case 'apple-pass-key':
      case 'apple-pass-certificates':
      case 'google-wallet':
        return [];
    }
  });
}

async function read(context: Context): Promise<ReadonlyMap<string, FoundParameter>> {
  return readParameters(
    context,
    generated(context).map(({ name }) => name),
  );
}

async function apply(context: Context): Promise<void> {
  const found = await read(context);
  for (const spec of generated(context)) {
    if (found.has(spec.name)) continue;
    try {
      await context.clients.ssm(context.input.region).send(
        new PutParameterCommand({
          Name: spec.name,
          Type: 'SecureString',
          Value: context.redactor.hide(generateSecret(spec.kind)),
          Description: spec.purpose,
          // A key that is in use must never be replaced by accident: sessions and tickets hang on it.
          Overwrite: false,
        }),
      );
    } catch (error) {
      // Another run was faster; its key is as good.
      if (!isNamed(error, 'ParameterAlreadyExists')) throw error;
    }
  }
}

export const keysStep: Step = {
  name: 'keys',
  title: 'Generated keys',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['ssm:DescribeParameters'], apply: ['ssm:PutParameter'] },
  check: async (context) => decideKeys(generated(context), await read(context)),
  apply,
};
