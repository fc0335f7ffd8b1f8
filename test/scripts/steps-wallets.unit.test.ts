import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';

import { readAppleAccount } from '../../functions/delivery/wallet/apple-account.ts';
import { readGoogleAccount } from '../../functions/delivery/wallet/google-account.ts';
import { newPrivateKey, passCertificates } from '../../local/services/wallet-accounts.ts';
import type { Prompt } from '../../scripts/setup/plan.ts';
import { appleFiles } from '../../scripts/setup/steps/apple-wallet.ts';
import { googleAccount } from '../../scripts/setup/steps/google-wallet.ts';
import { APPLY, awsError, CHECK, mockAws, mutations, run, testContext, type AwsMocks } from './fixtures.ts';

const NOW = Date.UTC(2027, 0, 1);
const key = newPrivateKey();
const [certificate = '', issuer = ''] = passCertificates(key, { notAfter: NOW + 40 * 86_400_000 }).split(
  /(?<=END CERTIFICATE-----\r?\n)/,
);
const SERVICE_ACCOUNT = JSON.stringify({
  type: 'service_account',
  client_email: 'links@project.iam.gserviceaccount.com',
  private_key: key,
});

let aws: AwsMocks;
let stored: Map<string, string>;

beforeEach(() => {
  aws = mockAws();
  stored = new Map();
  aws.ssm.on(GetParameterCommand).callsFake(({ Name }: { Name: string }) => {
    const value = stored.get(Name);
    if (value === undefined) throw awsError('ParameterNotFound');
    return { Parameter: { Value: value } };
  });
  aws.ssm.on(PutParameterCommand).callsFake(({ Name, Value }: { Name: string; Value: string }) => {
    stored.set(Name, Value);
    return {};
  });
});

/** Somebody at the terminal who gives these answers, one after the other. */
function answering(...answers: readonly string[]): Prompt {
  const left = [...answers];
  return { ask: () => Promise.resolve(left.shift()), askSecret: () => Promise.resolve(undefined) };
}
const nobody: Prompt = { ask: () => Promise.resolve(undefined), askSecret: () => Promise.resolve(undefined) };
const files = { 'pass.key': key, 'pass.cer': certificate, 'wwdr.cer': issuer, 'google.json': SERVICE_ACCOUNT };

describe.each(['apple-wallet', 'google-wallet'] as const)('%s', (name) => {
  it('can be done without, also where nobody is asked', async () => {
    for (const prompt of [answering(''), nobody]) {
      stored.clear();
      expect((await run(name, APPLY, testContext({ prompt }))).outcome).toMatchObject({ kind: 'done' });
      expect(new Set(stored.values())).toEqual(new Set(['none']));
      const before = mutations(aws).length;
      expect((await run(name, APPLY, testContext({ prompt }))).code).toBe(0);
      expect(mutations(aws)).toHaveLength(before);
    }
  });

  it('only says so when it is to look', async () => {
    expect((await run(name, CHECK)).outcome).toMatchObject({ kind: 'missing' });
    expect(mutations(aws)).toEqual([]);
  });
});

describe('apple-wallet', () => {
  const given = { APPLE_PASS_KEY_FILE: 'pass.key', APPLE_PASS_CERTIFICATE_FILES: 'wwdr.cer, pass.cer' };

  it('stores files as the functions read them, whether asked for or named, and prints no key', async () => {
    for (const options of [{ given }, { prompt: answering('pass.key', 'pass.cer,wwdr.cer') }]) {
      stored.clear();
      const { outcome, lines } = await run('apple-wallet', APPLY, testContext({ ...options, files, now: () => NOW }));
      expect(outcome).toMatchObject({ kind: 'done', detail: expect.stringContaining('in 40 days') });
      expect(lines).not.toContain(key.slice(40, 80));
      const [pair, certificates] = [stored.get('/onsale/dev/apple-key'), stored.get('/onsale/dev/apple-certificates')];
      expect(readAppleAccount(pair ?? '', certificates ?? '')).toMatchObject({
        passTypeIdentifier: 'pass.example.onsale.local',
        teamIdentifier: 'LOCALTEAM1',
      });
      expect(certificates?.length).toBeLessThanOrEqual(4_096);
    }
  });

  it('takes the place of none, and of another, once files are named', async () => {
    stored.set('/onsale/dev/apple-key', 'none').set('/onsale/dev/apple-certificates', 'none');
    const context = testContext({ given, files, now: () => NOW });
    expect((await run('apple-wallet', APPLY, context)).outcome).toMatchObject({ kind: 'done' });
    expect(stored.get('/onsale/dev/apple-key')).not.toBe('none');
  });

  it('asks again once the certificate has ended', async () => {
    const later = (): number => NOW + 41 * 86_400_000;
    await run('apple-wallet', APPLY, testContext({ given, files, now: () => NOW }));
    const { outcome } = await run('apple-wallet', CHECK, testContext({ now: later }));
    expect(outcome).toMatchObject({ kind: 'missing', detail: expect.stringContaining('ended') });
  });

  it.each([
    ['a key of something else', [newPrivateKey(), certificate, issuer], 'None of the certificates'],
    ['no key', ['hello', certificate, issuer], 'not the private key'],
    ['no certificate', [key, 'hello', issuer], 'not a certificate'],
    ['no intermediate certificate', [key, certificate], 'WWDR'],
    [
      'the intermediate certificate of another',
      [key, certificate, passCertificates(key).split(/(?<=END CERTIFICATE-----\r?\n)/)[1] ?? ''],
      'signed it',
    ],
    [
      'the certificate of an app',
      [key, ...passCertificates(key, { passType: 'com.example.app' }).split(/(?<=END CERTIFICATE-----\r?\n)/)],
      'no pass type',
    ],
    [
      'an ended certificate',
      [key, ...passCertificates(key, { notAfter: NOW - 1 }).split(/(?<=END CERTIFICATE-----\r?\n)/)],
      'ended',
    ],
  ])('refuses %s', (_what, [keyFile = '', ...certificates], says) => {
    expect(() =>
      appleFiles(
        Buffer.from(keyFile),
        certificates.filter(Boolean).map((one) => Buffer.from(one)),
        NOW,
      ),
    ).toThrow(says);
  });

  it('stores nothing of what is refused', async () => {
    const context = testContext({ given, files: { ...files, 'pass.key': newPrivateKey() }, now: () => NOW });
    expect((await run('apple-wallet', APPLY, context)).code).toBe(1);
    expect(mutations(aws)).toEqual([]);
  });
});

describe('google-wallet', () => {
  it('stores of the key file what signing needs, and prints none of it', async () => {
    const given = { GOOGLE_WALLET_KEY_FILE: 'google.json', GOOGLE_WALLET_ISSUER_ID: '3388000000012345678' };
    const { outcome, lines } = await run('google-wallet', APPLY, testContext({ given, files }));
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lines).not.toContain(key.slice(40, 80));
    expect(readGoogleAccount(stored.get('/onsale/dev/google-wallet') ?? '')).toEqual({
      issuerId: '3388000000012345678',
      clientEmail: 'links@project.iam.gserviceaccount.com',
      privateKey: key,
    });
  });

  it.each([
    ['no JSON', 'x', '3388000000012345678'],
    ['a key of something else', JSON.stringify({ type: 'authorized_user' }), '3388000000012345678'],
    ['no issuer', SERVICE_ACCOUNT, 'BCR2DN'],
  ])('refuses %s', (_what, file, issuerId) => {
    expect(() => googleAccount(file, issuerId)).toThrow(/key file|issuer id/);
  });
});
