import { SESClient } from '@aws-sdk/client-ses';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { composeMessage } from '../../functions/notifications/mime.ts';
import { sesMailer } from '../../functions/notifications/ses.ts';
import { getJson } from '../support/json.ts';

const load = createRequire(import.meta.url);
let server: Server;
let endpoint: string;

beforeAll(async () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- CommonJS whose types lack the interop
  const { default: start } = load('aws-ses-v2-local') as { default: (config: object) => Promise<Server> };
  server = await start({ host: '127.0.0.1', port: 0 });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port, not on a pipe
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

function clientOf(url: string): SESClient {
  return new SESClient({
    region: 'eu-central-1',
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

const content = {
  subject: 'Grüße – 券',
  text: 'Plain',
  html: '<p>Rich <img src="cid:one@onsale"></p>',
  attachments: [
    { filename: 'one.png', contentType: 'image/png', content: new Uint8Array(2_000).fill(1), cid: 'one@onsale' },
    { filename: 'tickets.pdf', contentType: 'application/pdf', content: new Uint8Array(300_000).fill(2) },
  ],
};
const TAGS = { about: 'a', cause: 'c', to: 't' };
const notification = { id: '01JD0000000000000000000001', possibleDuplicate: false, at: 0 };

it('hands a message with a picture and a large file to SES whole', async () => {
  const raw = await composeMessage(
    { name: 'Onsale', address: 'tickets@onsale.example' },
    { name: 'Zoë', address: 'zoe@example.com' },
    content,
    notification,
  );
  const sent = await sesMailer(
    clientOf(endpoint),
    'tickets@onsale.example',
    'set',
  )({ to: 'zoe@example.com', raw, notificationId: notification.id, tags: TAGS });
  expect(sent).toMatchObject({ ok: true, value: expect.any(String) });
  const { emails } = await getJson<{ emails: readonly Record<string, unknown>[] }>(`${endpoint}/store`);
  expect(emails).toMatchObject([
    {
      subject: 'Grüße – 券',
      from: '"Onsale" <tickets@onsale.example>',
      destination: { to: ['"Zoë" <zoe@example.com>'] },
      attachments: [{ filename: 'one.png' }, { filename: 'tickets.pdf', size: 300_000 }],
    },
  ]);
});

it('knows that a server which cannot be reached took nothing', async () => {
  const sent = await sesMailer(
    clientOf('http://127.0.0.1:9'),
    'a@onsale.example',
    '',
  )({ to: 'b@example.com', raw: new Uint8Array(), notificationId: 'n', tags: TAGS });
  expect(sent).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
});
