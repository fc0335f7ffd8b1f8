import { SNSClient } from '@aws-sdk/client-sns';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { snsTexter } from '../../functions/shared/runtime/text-messages.ts';
import { portOf } from '../../local/ports.ts';
import { Sms } from '../../local/services/sms.ts';

const sms = new Sms();
/** What SNS was asked, as it went over the wire. */
let asked: URLSearchParams[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const form = new URLSearchParams(await text(request));
      asked.push(form);
      const answer = sms.publish(form);
      // Taken, and the answer is lost.
      if (form.get('PhoneNumber')?.endsWith('000009') === true) response.destroy();
      else response.writeHead(answer?.status ?? 400, { 'content-type': 'text/xml' }).end(answer?.body);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const texterAt = (endpoint: string) =>
  snsTexter(
    new SNSClient({
      region: 'eu-central-1',
      endpoint,
      maxAttempts: 1,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );

it('is handed over once, as transactional and within its price, and what became of it is told without the number', async () => {
  const send = texterAt(`http://127.0.0.1:${portOf(server)}`);
  const said: Record<string, unknown> = {};
  for (const ending of ['000003', '000000', '000001', '000002', '000009']) {
    asked = [];
    const done = await send(`+4915112${ending}`, 'Hello');
    said[ending] = done.ok ? 'sent' : done.error.code;
    expect(JSON.stringify(done)).not.toContain(ending);
    expect(asked, ending).toHaveLength(1);
  }
  said['x'] = await send('no number', 'Hello').then((done) => (done.ok ? 'sent' : done.error.code));
  expect(said).toEqual({
    '000003': 'sent',
    '000000': 'UNKNOWN',
    '000001': 'OPTED_OUT',
    '000002': 'THROTTLED',
    '000009': 'UNKNOWN',
    x: 'UNUSABLE_NUMBER',
  });
  const sent = [...(asked[0] ?? [])].map(([, value]) => value);
  expect(sent).toEqual(
    expect.arrayContaining(['AWS.SNS.SMS.SMSType', 'Transactional', 'AWS.SNS.SMS.MaxPrice', '0.30']),
  );
  // Nobody listens there: it was certainly not taken.
  const nowhere = await texterAt('http://127.0.0.1:1')('+4915112345678', 'Hello');
  expect(nowhere).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
});

it('is shown on the page of the local system as text', async () => {
  await texterAt(`http://127.0.0.1:${portOf(server)}`)('+4915112000004', '<script>1 & "2"</script>');
  expect(sms.page()).toContain('&lt;script>1 &amp; &quot;2&quot;&lt;/script>');
  expect(sms.page()).not.toContain('<script>');
});
