import { afterEach, expect, test, vi } from 'vitest';

import { defaultProvider } from '../../lib/shims/credentials.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('clients in a bundle get the credentials that Lambda hands over', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' });
});

test('without credentials a client says so instead of looking elsewhere', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  await expect(defaultProvider()()).rejects.toThrow('no AWS credentials');
});
