/** Outputs of deployed stacks. */
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

import { isNamed } from './errors.ts';
import type { Context } from './plan.ts';

/** Outputs by key; empty if the stack does not exist. */
export async function readStackOutputs(
  context: Context,
  stack: string,
  region: string,
): Promise<ReadonlyMap<string, string>> {
  try {
    const { Stacks: stacks } = await context.clients
      .cloudformation(region)
      .send(new DescribeStacksCommand({ StackName: stack }));
    return new Map(
      (stacks?.[0]?.Outputs ?? []).flatMap(({ OutputKey: key, OutputValue: value }) =>
        key === undefined || value === undefined ? [] : [[key, value] as const],
      ),
    );
  } catch (error) {
    if (isNamed(error, 'ValidationError')) return new Map();
    throw error;
  }
}
