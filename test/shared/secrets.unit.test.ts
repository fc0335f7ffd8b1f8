import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let server: Server;
let answers: (string | undefined)[];
let asked: number;

beforeEach(async () => {
  vi.resetModules();
  answers = [];
  asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    const value = answers.shift();
    response.statusCode = value === undefined ? 500 : 200;
    response.end(JSON.stringify({ Parameter: { Value: value } }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has a port
  process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] = String((server.address() as AddressInfo).port);
});
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

it('a look-up that fails once is tried again', async () => {
  const { readSecret } = await import('../../functions/shared/runtime/secrets.ts');
  answers = [undefined, 'value'];
  expect(await readSecret('/a')).toBe('value');
  expect(asked).toBe(2);
});

it('keeps a value for a minute, and goes on with it when it cannot be refreshed', async () => {
  const { readSecret } = await import('../../functions/shared/runtime/secrets.ts');
  vi.useFakeTimers({ toFake: ['Date'] });
  answers = ['first'];
  expect(await readSecret('/a')).toBe('first');
  expect(await readSecret('/a')).toBe('first');
  expect(asked).toBe(1);
  vi.setSystemTime(Date.now() + 61_000);
  expect(await readSecret('/a')).toBe('first');
  expect(asked).toBe(3);
  answers = ['second'];
  expect(await readSecret('/a')).toBe('second');
});

it('with no value at all it says so, and does not remember the failure', async () => {
  const { readSecret } = await import('../../functions/shared/runtime/secrets.ts');
  await expect(readSecret('/a')).rejects.toMatchObject({ name: 'SecretUnavailableError' });
  answers = ['value'];
  expect(await readSecret('/a')).toBe('value');
});

describe('a value that is read anew', () => {
  it('replaces what is kept, for everybody', async () => {
    const { readSecret, rereadSecret } = await import('../../functions/shared/runtime/secrets.ts');
    answers = ['first', 'second'];
    expect(await readSecret('/a')).toBe('first');
    expect(await rereadSecret('/a')).toBe('second');
    expect(await readSecret('/a')).toBe('second');
    expect(asked).toBe(2);
  });

  it('is looked up once for all who ask within ten seconds', async () => {
    const { readSecret, rereadSecret } = await import('../../functions/shared/runtime/secrets.ts');
    vi.useFakeTimers({ toFake: ['Date'] });
    answers = ['first', 'second', 'third'];
    await readSecret('/a');
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => rereadSecret('/a'))))).toEqual(
      new Set(['second']),
    );
    vi.setSystemTime(Date.now() + 9_999);
    expect(await rereadSecret('/a')).toBe('second');
    expect(asked).toBe(2);
    vi.setSystemTime(Date.now() + 1);
    expect(await rereadSecret('/a')).toBe('third');
  });

  it('is what was kept, where the extension does not answer', async () => {
    const { readSecret, rereadSecret } = await import('../../functions/shared/runtime/secrets.ts');
    answers = ['first'];
    await readSecret('/a');
    expect(await rereadSecret('/a')).toBe('first');
  });
});
