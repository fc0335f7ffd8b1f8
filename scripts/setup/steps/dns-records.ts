/** The public names: they can point somewhere only when the stacks have made the somewhere. */
import { readStackOutputs } from '../outputs.ts';
import { DNS_PERMISSIONS, createRecords, readRecords, recordsToMake } from '../dns.ts';
import type { RecordState, WantedRecord } from '../dns.ts';
import type { Context, DnsTarget, Step, StepStatus } from '../plan.ts';

/** Zone id of every CloudFront distribution (AWS::Route53::RecordSet AliasTarget). */
const CLOUDFRONT_ZONE_ID = 'Z2FDTNDATAQYW2';

/** Alias records may stand at a zone's apex; CloudFront answers over IPv4 and IPv6. */
export function recordsFor(target: DnsTarget, value: string): readonly WantedRecord[] {
  switch (target.kind) {
    case 'cloudfront':
      return (['A', 'AAAA'] as const).map((type) => ({
        name: target.name,
        type,
        value,
        aliasZoneId: CLOUDFRONT_ZONE_ID,
      }));
    case 'cname':
      return [{ name: target.name, type: 'CNAME', value }];
  }
}

export function decideDns(undeployed: readonly DnsTarget[], records: readonly RecordState[]): StepStatus {
  if (undeployed.length > 0) {
    return {
      kind: 'waiting',
      detail: `nothing to point ${undeployed.map(({ name }) => name).join(', ')} at before the first deployment`,
      todo: ['Deploy, then run setup again.'],
    };
  }
  const creatable = records.filter(({ kind }) => kind === 'creatable');
  if (creatable.length > 0) {
    return {
      kind: 'missing',
      detail: `${creatable.length} records are missing`,
      will: `create ${creatable.map(({ record }) => `${record.name} (${record.type})`).join(', ')} in the account's Route 53 zone`,
    };
  }
  const todo = recordsToMake(records);
  // A zone elsewhere cannot be read here: whether its records exist is for the person to say.
  if (todo.length > 0)
    return {
      kind: 'waiting',
      detail: 'records in a zone that is not in this account, or that lead elsewhere',
      todo,
    };
  return {
    kind: 'done',
    detail: [...new Set(records.map(({ record }) => record.name))].join(', ') || 'none wanted',
  };
}

type Found = {
  readonly undeployed: readonly DnsTarget[];
  readonly records: readonly RecordState[];
};

async function read(context: Context): Promise<Found> {
  const undeployed: DnsTarget[] = [];
  const wanted: WantedRecord[] = [];
  for (const target of context.input.dns) {
    const outputs = await readStackOutputs(context, target.stack, target.region);
    const value = outputs.get(target.outputKey);
    if (value === undefined) undeployed.push(target);
    else wanted.push(...recordsFor(target, value));
  }
  return { undeployed, records: wanted.length === 0 ? [] : await readRecords(context, wanted) };
}

export const dnsStep: Step = {
  name: 'dns',
  title: 'Public names',
  phase: 'after-deploy',
  requires: ['credentials'],
  permissions: {
    check: ['cloudformation:DescribeStacks', ...DNS_PERMISSIONS.check],
    apply: [...DNS_PERMISSIONS.apply],
  },
  check: async (context) => {
    const { undeployed, records } = await read(context);
    return decideDns(undeployed, records);
  },
  apply: async (context) => createRecords(context.clients.route53, (await read(context)).records),
};
