import { DescribeParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';

import { generateSecret } from '../../scripts/setup/steps/keys.ts';
import { awsError, mockAws, mutations, run } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;

beforeEach(() => {
  aws = mockAws();
});

describe('keys', () => {
  function ssm() {
    const stored = new Map<string, { Name: string; Type: 'SecureString'; Value: string; Overwrite: boolean }>();
    aws.ssm.on(DescribeParametersCommand).callsFake(() => ({
      Parameters: [...stored.values()].map(({ Name, Type }) => ({ Name, Type })),
    }));
    aws.ssm
      .on(PutParameterCommand)
      .callsFake((input: { Name: string; Type: 'SecureString'; Value: string; Overwrite: boolean }) => {
        if (stored.has(input.Name) && !input.Overwrite) throw awsError('ParameterAlreadyExists');
        stored.set(input.Name, input);
        return {};
      });
    return stored;
  }

  it('creates what is missing, never overwrites, never prints', async () => {
    const stored = ssm();
    const first = await run('keys');
    expect(first.outcome).toMatchObject({ kind: 'done' });
    expect([...stored.keys()]).toEqual(['/onsale/dev/session-keys', '/onsale/dev/origin-keys', '/onsale/dev/pepper']);
    for (const { Value: value, Type: type, Overwrite: overwrite } of stored.values()) {
      expect(type).toBe('SecureString');
      expect(overwrite).toBe(false);
      expect(first.lines).not.toContain(value);
    }
    await run('keys');
    expect(mutations(aws)).toHaveLength(3);
  });

  it('goes on after a crash between two keys, leaving the first as it is', async () => {
    const stored = ssm();
    stored.set('/onsale/dev/session-keys', {
      Name: '/onsale/dev/session-keys',
      Type: 'SecureString',
      Value: 'kept',
      Overwrite: false,
    });
    await run('keys');
    expect(stored.get('/onsale/dev/session-keys')?.Value).toBe('kept');
    expect(stored.has('/onsale/dev/pepper')).toBe(true);
  });

  it('takes the key of a run that was faster', async () => {
    const stored = ssm();
    aws.ssm.on(PutParameterCommand).callsFake((input: { Name: string }) => {
      stored.set(input.Name, {
        Name: input.Name,
        Type: 'SecureString',
        Value: 'theirs',
        Overwrite: false,
      });
      throw awsError('ParameterAlreadyExists');
    });
    expect((await run('keys')).outcome).toMatchObject({ kind: 'done' });
  });

  it('refuses a key that lies there unencrypted', async () => {
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [{ Name: '/onsale/dev/pepper', Type: 'String' }] });
    expect((await run('keys')).outcome).toMatchObject({ kind: 'waiting' });
    expect(mutations(aws)).toEqual([]);
  });

  it('does not print a value that AWS quotes in its error', async () => {
    aws.ssm.on(DescribeParametersCommand).resolves({ Parameters: [] });
    let sent = '';
    aws.ssm.on(PutParameterCommand).callsFake((input: { Value: string }) => {
      sent = input.Value;
      throw awsError('ValidationException', `Value '${input.Value}' failed to satisfy constraint`);
    });
    const { lines, code } = await run('keys');
    expect(code).toBe(1);
    expect(sent).not.toBe('');
    expect(lines).not.toContain(sent);
    expect(lines).toContain('[secret]');
  });

  it('generates values of the shape that the functions read', () => {
    expect(generateSecret('random-32-bytes')).toMatch(/^[0-9a-f]{64}$/);
    const ring: unknown = JSON.parse(generateSecret('key-ring'));
    expect(ring).toEqual({ current: expect.any(String), keys: expect.any(Object) });
    expect(ring).toHaveProperty(
      ['keys', String(Reflect.get(Object(ring), 'current'))],
      expect.stringMatching(/^[0-9a-f]{64}$/),
    );
    expect(generateSecret('random-32-bytes')).not.toBe(generateSecret('random-32-bytes'));
  });
});
