/** TLS certificates: one in the stage's region for the API, one in us-east-1 for CloudFront. */
import { DescribeCertificateCommand, RequestCertificateCommand, paginateListCertificates } from '@aws-sdk/client-acm';
import { createHash } from 'node:crypto';

import { DNS_PERMISSIONS, createRecords, readRecords, recordsToMake } from '../dns.ts';
import type { RecordState, WantedRecord } from '../dns.ts';
import type { CertificateSpec, Context, Step, StepStatus } from '../plan.ts';

/** What ACM and DNS know of one certificate. */
export type CertificateFound = {
  readonly spec: CertificateSpec;
  readonly certificate:
    | { readonly arn: string; readonly status: string; readonly record: RecordState | undefined }
    | undefined;
};

export function decideCertificates(found: readonly CertificateFound[]): StepStatus {
  const absent = found.filter(({ certificate }) => certificate === undefined);
  if (absent.length > 0) {
    return {
      kind: 'missing',
      detail: `no certificate for ${absent.map(label).join(', ')}`,
      will: `request ${absent.map(label).join(', ')} from ACM, validated by DNS`,
    };
  }
  const records = found.flatMap(({ certificate }) =>
    certificate?.status === 'PENDING_VALIDATION' && certificate.record !== undefined ? [certificate.record] : [],
  );
  const creatable = records.filter(({ kind }) => kind === 'creatable');
  if (creatable.length > 0) {
    return {
      kind: 'missing',
      detail: `${creatable.length} validation records are missing`,
      will: `create ${creatable.map(({ record }) => record.name).join(', ')} in the account's Route 53 zone`,
    };
  }
  const pending = found.filter(({ certificate }) => certificate?.status !== 'ISSUED');
  if (pending.length > 0) {
    const unprepared = pending.some(({ certificate }) => certificate?.record === undefined);
    return {
      kind: 'waiting',
      detail: `not issued yet: ${pending.map(label).join(', ')}`,
      todo: [
        ...recordsToMake(records),
        unprepared
          ? 'ACM is preparing the validation record; run this again in a minute.'
          : 'ACM issues a certificate minutes after it sees its record, and gives up after 72 hours; run this again later, or with --wait 30.',
      ],
    };
  }
  return { kind: 'done', detail: found.map(label).join(', ') || 'none wanted' };
}

function label({ spec }: CertificateFound): string {
  return `${spec.domain} (${spec.region})`;
}

/** The newest usable certificate of a domain; failed, expired and revoked ones do not count. */
async function read(context: Context, spec: CertificateSpec): Promise<CertificateFound> {
  const acm = context.clients.acm(spec.region);
  const arns: string[] = [];
  for await (const page of paginateListCertificates(
    { client: acm },
    { CertificateStatuses: ['ISSUED', 'PENDING_VALIDATION'] },
  )) {
    for (const summary of page.CertificateSummaryList ?? []) {
      if (summary.DomainName === spec.domain && summary.CertificateArn !== undefined) arns.push(summary.CertificateArn);
    }
  }
  const details = await Promise.all(
    arns.map(async (arn) => (await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate),
  );
  const best = details.find((one) => one?.Status === 'ISSUED') ?? details[0];
  if (best?.CertificateArn === undefined) return { spec, certificate: undefined };
  const resource = best.DomainValidationOptions?.[0]?.ResourceRecord;
  const wanted: WantedRecord | undefined =
    resource?.Name === undefined || resource.Value === undefined
      ? undefined
      : { name: resource.Name.replace(/\.$/, ''), type: 'CNAME', value: resource.Value };
  const [record] = wanted === undefined || best.Status === 'ISSUED' ? [] : await readRecords(context, [wanted]);
  return { spec, certificate: { arn: best.CertificateArn, status: best.Status ?? '', record } };
}

async function readAll(context: Context): Promise<readonly CertificateFound[]> {
  const found: CertificateFound[] = [];
  for (const spec of context.input.certificates) found.push(await read(context, spec));
  return found;
}

/** `key=arn` pairs for `cdk --context`, of the certificates that are issued. */
export async function certificateContext(context: Context): Promise<readonly string[]> {
  return (await readAll(context)).flatMap(({ spec, certificate }) =>
    certificate?.status === 'ISSUED' ? [`${spec.contextKey}=${certificate.arn}`] : [],
  );
}

async function apply(context: Context): Promise<void> {
  const before = await readAll(context);
  for (const { spec, certificate } of before) {
    if (certificate !== undefined) continue;
    await context.clients.acm(spec.region).send(
      new RequestCertificateCommand({
        DomainName: spec.domain,
        ValidationMethod: 'DNS',
        // Two runs within an hour get the same certificate (ACM: at most 32 word characters).
        IdempotencyToken: createHash('sha256').update(`${spec.region} ${spec.domain}`).digest('hex').slice(0, 32),
      }),
    );
  }
  const states = (await readPrepared(context)).flatMap(({ certificate }) => certificate?.record ?? []);
  // The same name in two regions asks for the same record.
  const once = new Map(states.map((state) => [state.record.name, state]));
  await createRecords(context.clients.route53, [...once.values()]);
}

/** ACM names the validation record some seconds after the request: bounded looks, then the next run. */
async function readPrepared(context: Context): Promise<readonly CertificateFound[]> {
  let found = await readAll(context);
  for (let look = 0; look < 5 && found.some(isUnprepared); look += 1) {
    await context.sleep(3_000);
    found = await readAll(context);
  }
  return found;
}

function isUnprepared({ certificate }: CertificateFound): boolean {
  return certificate === undefined || (certificate.status !== 'ISSUED' && certificate.record === undefined);
}

export const certificatesStep: Step = {
  name: 'certificates',
  title: 'Certificates',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: {
    check: ['acm:ListCertificates', 'acm:DescribeCertificate', ...DNS_PERMISSIONS.check],
    apply: ['acm:RequestCertificate', ...DNS_PERMISSIONS.apply],
  },
  check: async (context) => decideCertificates(await readAll(context)),
  apply,
};
