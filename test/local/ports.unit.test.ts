import { createServer } from 'node:http';
import { expect, it } from 'vitest';

import { StartFailure } from '../../local/failure.ts';
import { closeServer, listen, reservePort } from '../../local/ports.ts';

const choice = { use: 'a test', flag: '--port' };

it('any free port is one that no connection is given by itself, and can be listened on', async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => reservePort({ ...choice, port: 0 })));
  for (const port of found) {
    expect(port).toBeGreaterThanOrEqual(15_000);
    expect(port).toBeLessThan(32_000);
  }
  const server = createServer();
  expect(await listen(server, { ...choice, port: found[0] ?? 0 })).toBe(found[0]);
  await closeServer(server);
});

it('a chosen port is that or none', async () => {
  const port = await reservePort({ ...choice, port: 0 });
  expect(await reservePort({ ...choice, port })).toBe(port);
  const server = createServer();
  await listen(server, { ...choice, port });
  await expect(reservePort({ ...choice, port })).rejects.toThrow(StartFailure);
  await closeServer(server);
});
