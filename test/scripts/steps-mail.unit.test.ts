import {
  CreateEmailIdentityCommand,
  GetAccountCommand,
  GetEmailIdentityCommand,
  PutAccountDetailsCommand,
  PutEmailIdentityMailFromAttributesCommand,
} from '@aws-sdk/client-sesv2';
import { beforeEach, describe, expect, it } from 'vitest';

import { APPLY, INPUT, awsError, hostZone, mockAws, mutations, run, step, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

describe('mail-account', () => {
  it('asks for production access once', async () => {
    let review: { Status: 'PENDING'; CaseId: string } | undefined;
    aws.ses.on(GetAccountCommand).callsFake(() => ({
      ProductionAccessEnabled: false,
      SendingEnabled: true,
      Details: review === undefined ? undefined : { ReviewDetails: review },
    }));
    aws.ses.on(PutAccountDetailsCommand).callsFake(() => {
      review = { Status: 'PENDING', CaseId: '9' };
      return {};
    });
    expect((await run('mail-account')).outcome).toMatchObject({ kind: 'waiting' });
    expect((await run('mail-account')).lines).toContain('support case 9');
    expect(mutations(aws)).toEqual(['PutAccountDetailsCommand']);
    expect(aws.ses.commandCalls(PutAccountDetailsCommand)[0]?.args[0].input).toMatchObject({
      MailType: 'TRANSACTIONAL',
      ProductionAccessEnabled: true,
      AdditionalContactEmailAddresses: ['ops@tickets.example'],
    });
  });

  it('lets a test stage stay in the sandbox', async () => {
    aws.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    const context = testContext({
      input: { ...INPUT, mail: { ...INPUT.mail, production: false } },
    });
    expect((await run('mail-account', APPLY, context)).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toEqual([]);
  });

  it.each([
    { name: 'too slow', account: { ProductionAccessEnabled: true, SendQuota: { MaxSendRate: 1 } } },
    { name: 'paused', account: { ProductionAccessEnabled: true, SendingEnabled: false } },
    {
      name: 'denied',
      account: {
        ProductionAccessEnabled: false,
        Details: { ReviewDetails: { Status: 'DENIED' as const } },
      },
    },
  ])('leaves to a person what only a person can settle: $name', async ({ account }) => {
    aws.ses.on(GetAccountCommand).resolves(account);
    expect((await run('mail-account')).outcome).toMatchObject({ kind: 'waiting' });
    expect(mutations(aws)).toEqual([]);
  });

  it('asks for an address rather than writing to AWS without one', async () => {
    aws.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: false, SendingEnabled: true });
    const { outcome } = await run('mail-account', APPLY, testContext({ operatorEmail: undefined }));
    expect(outcome).toMatchObject({ kind: 'waiting', todo: [expect.stringContaining('--email')] });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('mail-identity', () => {
  function ses(state: { verified: boolean; exists: boolean; returnPath?: string }) {
    aws.ses.on(GetEmailIdentityCommand).callsFake(() => {
      if (!state.exists) throw awsError('NotFoundException');
      return {
        VerifiedForSendingStatus: state.verified,
        DkimAttributes: { Status: state.verified ? 'SUCCESS' : 'PENDING', Tokens: ['a', 'b', 'c'] },
        ...(state.returnPath === undefined
          ? {}
          : {
              MailFromAttributes: {
                MailFromDomain: state.returnPath,
                MailFromDomainStatus: state.verified ? 'SUCCESS' : 'PENDING',
              },
            }),
      };
    });
    aws.ses.on(CreateEmailIdentityCommand).callsFake(() => {
      state.exists = true;
      return {};
    });
    aws.ses.on(PutEmailIdentityMailFromAttributesCommand).callsFake((input: { MailFromDomain: string }) => {
      state.returnPath = input.MailFromDomain;
      return {};
    });
    return state;
  }

  it('registers the domain, publishes six records, waits for SES, is done', async () => {
    const state = ses({ verified: false, exists: false });
    const records = hostZone(aws, 'dev.tickets.example');
    expect((await run('mail-identity')).outcome).toMatchObject({ kind: 'waiting' });
    expect(records.map(({ Name: name, Type: type }) => `${type} ${name}`)).toEqual([
      'CNAME a._domainkey.dev.tickets.example',
      'CNAME b._domainkey.dev.tickets.example',
      'CNAME c._domainkey.dev.tickets.example',
      'MX bounce.dev.tickets.example',
      'TXT bounce.dev.tickets.example',
      'TXT _dmarc.dev.tickets.example',
    ]);
    state.verified = true;
    const before = mutations(aws).length;
    expect((await run('mail-identity')).outcome).toMatchObject({ kind: 'done' });
    expect(mutations(aws)).toHaveLength(before);
  });

  it('goes on where a crash left the identity without its return path', async () => {
    const state = ses({ verified: false, exists: true });
    await run('mail-identity');
    expect(state.returnPath).toBe('bounce.dev.tickets.example');
    expect(mutations(aws)).toEqual(['PutEmailIdentityMailFromAttributesCommand']);
  });

  it('never creates an identity that the stacks create, which would make the deployment fail', async () => {
    ses({ verified: false, exists: false });
    const context = testContext({
      input: { ...INPUT, mail: { ...INPUT.mail, identityMadeBy: 'stack' } },
    });
    const { outcome } = await run('mail-identity', APPLY, context);
    expect(outcome).toMatchObject({ kind: 'waiting' });
    expect(step('mail-identity', context).phase).toBe('after-deploy');
    expect(mutations(aws)).toEqual([]);
  });

  it('prints the records for a zone elsewhere, without those that the resolver already sees', async () => {
    ses({ verified: false, exists: true, returnPath: 'bounce.dev.tickets.example' });
    const context = testContext({
      resolveCname: (name) => Promise.resolve(name.startsWith('a.') ? ['a.dkim.amazonses.com'] : []),
    });
    const { lines } = await run('mail-identity', APPLY, context);
    expect(lines).toContain('b._domainkey.dev.tickets.example CNAME b.dkim.amazonses.com');
    expect(lines).not.toContain('a._domainkey');
  });

  it('leaves the owner’s DMARC policy alone', async () => {
    ses({ verified: false, exists: true, returnPath: 'bounce.dev.tickets.example' });
    const own = {
      Name: '_dmarc.dev.tickets.example.',
      Type: 'TXT' as const,
      ResourceRecords: [{ Value: '"v=DMARC1; p=reject"' }],
    };
    const records = hostZone(aws, 'dev.tickets.example', [own]);
    await run('mail-identity');
    expect(records.filter(({ Name: name }) => name?.startsWith('_dmarc') === true)).toEqual([own]);
  });
});
