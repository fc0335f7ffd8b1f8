import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ok } from '../../functions/shared/kernel/result.ts';
import { httpFunction, serve } from '../../functions/shared/runtime/http.ts';
import { route } from '../../functions/shared/runtime/route.ts';
import { newRing, parseRing, rotateRing } from '../../scripts/setup/key-ring.ts';
import { rotateKeys } from '../../scripts/setup/rotation.ts';
import { call } from '../support/http.ts';
import { serveParameters } from '../support/parameters.ts';
import { mockAws, testContext } from './fixtures.ts';
import type { AwsMocks } from './fixtures.ts';

let aws: AwsMocks;
beforeEach(() => {
  aws = mockAws();
});

describe('rotation of a key ring', () => {
  it('keeps the key before alive, until the next rotation', () => {
    const first = newRing();
    const second = rotateRing(first);
    const third = rotateRing(second);
    expect(second.keys).toMatchObject(first.keys);
    expect(second.current).not.toBe(first.current);
    expect(Object.keys(third.keys).toSorted()).toEqual([second.current, third.current].toSorted());
  });

  it('writes the new ring over the old one and prints no key', async () => {
    const before = newRing();
    aws.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(before) } });
    let written = '';
    aws.ssm.on(PutParameterCommand).callsFake((input: { Name: string; Value: string; Overwrite: boolean }) => {
      expect(input).toMatchObject({ Name: '/onsale/dev/origin-keys', Type: 'SecureString', Overwrite: true });
      written = input.Value;
    });
    const context = testContext();
    await rotateKeys(context, 'origin-keys');
    const after = parseRing(written);
    expect(after.keys).toMatchObject(before.keys);
    for (const key of Object.values(after.keys)) expect(context.lines.join('\n')).not.toContain(key);
    expect(context.lines.join('\n')).toContain('npm run deploy -- --stage dev');
  });

  it('says which rings there are when it is asked for another', async () => {
    await expect(rotateKeys(testContext(), 'pepper')).rejects.toThrow('Key rings: session-keys, origin-keys');
  });

  it('turns nobody away at any moment of the procedure: ring first, then the distribution', async () => {
    const before = newRing();
    const after = rotateRing(before);
    const probe = route({
      id: 'probe',
      method: 'GET',
      path: '/probe',
      summary: 'Reached',
      access: { who: 'anyone' },
      responses: { 200: null },
      problems: [],
    });
    const statuses: number[] = [];
    // The functions hold the old ring or the new one; the distribution still sends the old key, or the new.
    for (const [name, ring, sent] of [
      ['before', before, before],
      ['ring rotated', after, before],
      ['distribution deployed', after, after],
    ] as const) {
      const parameter = `/rotation/${name}`;
      const parameters = await serveParameters({ [parameter]: JSON.stringify(ring) });
      vi.stubEnv('ORIGIN_KEYS_PARAMETER', parameter);
      const handler = httpFunction({}, [serve(probe, async () => ok({ status: 200 }))]);
      const header = sent.keys[sent.current] ?? '';
      statuses.push((await call(handler, { route: 'GET /probe', headers: { 'x-onsale-origin': header } })).status);
      vi.unstubAllEnvs();
      await parameters.close();
    }
    expect(statuses).toEqual([200, 200, 200]);
  });
});
