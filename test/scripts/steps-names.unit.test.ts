import { DescribeCertificateCommand, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, it } from 'vitest';

import { ACCOUNT, APPLY, awsError, hostZone, mockAws, mutations, run } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

describe('certificates', () => {
  function acm(state: { issued: boolean }) {
    const made = new Map<string, string>();
    aws.acm.on(RequestCertificateCommand).callsFake((input: { DomainName: string }) => {
      const arn = `arn:aws:acm:somewhere:${ACCOUNT}:certificate/${input.DomainName}`;
      made.set(arn, input.DomainName);
      return { CertificateArn: arn };
    });
    aws.acm.on(ListCertificatesCommand).callsFake(() => ({
      CertificateSummaryList: [...made].map(([arn, name]) => ({
        CertificateArn: arn,
        DomainName: name,
      })),
    }));
    aws.acm.on(DescribeCertificateCommand).callsFake((input: { CertificateArn: string }) => ({
      Certificate: {
        CertificateArn: input.CertificateArn,
        Status: state.issued ? 'ISSUED' : 'PENDING_VALIDATION',
        DomainValidationOptions: [
          {
            ResourceRecord: {
              Name: `_x.${made.get(input.CertificateArn)}.`,
              Type: 'CNAME',
              Value: '_y.acm-validations.aws.',
            },
          },
        ],
      },
    }));
    return made;
  }

  it('requests both, creates their records in our zone, waits, and is done once issued', async () => {
    const state = { issued: false };
    const made = acm(state);
    const records = hostZone(aws, 'tickets.example');
    const { outcome } = await run('certificates');
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect([...made.values()]).toEqual(['api.dev.tickets.example', 'dev.tickets.example']);
    expect(records.map(({ Name: name }) => name)).toEqual(['_x.api.dev.tickets.example', '_x.dev.tickets.example']);
    const before = mutations(aws).length;
    state.issued = true;
    expect((await run('certificates')).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toHaveLength(before);
  });

  it('prints the records when the zone lies elsewhere', async () => {
    acm({ issued: false });
    const { lines, code } = await run('certificates');
    expect(lines).toContain('Create the DNS record: _x.dev.tickets.example CNAME _y.acm-validations.aws.');
    expect(code).toBe(2);
    expect(mutations(aws)).not.toContain('ChangeResourceRecordSetsCommand');
  });

  it('polls with --wait, no longer than it was told to', async () => {
    acm({ issued: false });
    const { context, outcome } = await run('certificates', { ...APPLY, waitMilliseconds: 60_000 });
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(context.slept.milliseconds).toBe(60_000);
  });

  it('leaves a record of somebody else alone', async () => {
    acm({ issued: false });
    hostZone(aws, 'tickets.example', [
      {
        Name: '_x.dev.tickets.example.',
        Type: 'CNAME',
        ResourceRecords: [{ Value: 'other.example' }],
      },
      {
        Name: '_x.api.dev.tickets.example.',
        Type: 'CNAME',
        ResourceRecords: [{ Value: '_y.acm-validations.aws' }],
      },
    ]);
    const { lines } = await run('certificates');
    expect(lines).toContain('Change the DNS record _x.dev.tickets.example (now other.example)');
    expect(mutations(aws)).not.toContain('ChangeResourceRecordSetsCommand');
  });
});

describe('dns', () => {
  it('waits for the first deployment, then points the site at CloudFront', async () => {
    aws.cloudformation.on(DescribeStacksCommand).rejects(awsError('ValidationError'));
    expect((await run('dns')).outcome).toMatchObject({ kind: 'waiting' });
    aws.cloudformation.on(DescribeStacksCommand).resolves({
      Stacks: [
        {
          StackName: 'OnsaleEdge',
          StackStatus: 'CREATE_COMPLETE',
          CreationTime: new Date(0),
          Outputs: [{ OutputKey: 'DistributionDomain', OutputValue: 'd1.cloudfront.net' }],
        },
      ],
    });
    const records = hostZone(aws, 'tickets.example');
    expect((await run('dns')).outcome).toMatchObject({ kind: 'done' });
    expect(records).toMatchObject([
      { Type: 'A', AliasTarget: { DNSName: 'd1.cloudfront.net' } },
      { Type: 'AAAA', AliasTarget: { DNSName: 'd1.cloudfront.net' } },
    ]);
  });
});
