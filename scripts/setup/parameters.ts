/** SSM parameters as setup sees them: mostly their existence, rarely their value. */
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';

import { SetupError, isNamed } from './errors.ts';
import type { Context, SecretKind, SecretSpec } from './plan.ts';

/** A parameter without its value. */
export type FoundParameter = { readonly type: string; readonly description: string };

/** DescribeParameters takes at most this many values in a filter. */
const NAMES_PER_CALL = 50;

/** Looks parameters up by name, without decrypting anything. Absent ones are not in the map. */
export async function readParameters(
  context: Context,
  names: readonly string[],
): Promise<ReadonlyMap<string, FoundParameter>> {
  const found = new Map<string, FoundParameter>();
  const ssm = context.clients.ssm(context.input.region);
  for (let from = 0; from < names.length; from += NAMES_PER_CALL) {
    let token: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof describe>> = await describe(
        names.slice(from, from + NAMES_PER_CALL),
        token,
      );
      for (const one of page.Parameters ?? []) {
        if (one.Name === undefined) continue;
        found.set(one.Name, { type: one.Type ?? '', description: one.Description ?? '' });
      }
      token = page.NextToken;
    } while (token !== undefined);
  }
  return found;

  function describe(values: readonly string[], token: string | undefined) {
    return ssm.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [...values] }],
        MaxResults: NAMES_PER_CALL,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
  }
}

/** The decrypted value, known to the redactor from here on; `undefined` if there is none. */
export async function readSecret(context: Context, name: string): Promise<string | undefined> {
  try {
    const { Parameter: parameter } = await context.clients
      .ssm(context.input.region)
      .send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return parameter?.Value === undefined ? undefined : context.redactor.hide(parameter.Value);
  } catch (error) {
    if (isNamed(error, 'ParameterNotFound')) return undefined;
    throw error;
  }
}

/** Stores a secret that replaces whatever was there (Stripe's key and signing secret change). */
export async function replaceSecret(context: Context, name: string, value: string, description: string): Promise<void> {
  await context.clients.ssm(context.input.region).send(
    new PutParameterCommand({
      Name: name,
      Type: 'SecureString',
      Value: context.redactor.hide(value),
      Description: description,
      Overwrite: true,
    }),
  );
}

/** The one parameter of a kind. @throws SetupError if the stage's list has none */
export function secretOfKind(context: Context, kind: SecretKind): SecretSpec {
  const spec = context.input.secrets.find((candidate) => candidate.kind === kind);
  if (spec === undefined) throw new SetupError(`lib/secrets.ts lists no secret of kind ${kind}.`);
  return spec;
}
