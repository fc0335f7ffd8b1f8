import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { parseTemplate } from '../../local/cloudformation/assembly.ts';
import { Model } from '../../local/cloudformation/model.ts';
import { Kms } from '../../local/services/kms.ts';
import { PrivateFile } from '../../local/services/private-file.ts';

/** The local runtime's KMS with one key, over HTTP. */
export interface LocalKms {
  readonly url: string;
  readonly keyArn: string;
  /** Operations that were asked for, in order. */
  readonly asked: readonly string[];
  /** From now on every request is answered by this error of KMS; undefined answers again. */
  fail(error: string | undefined): void;
  close(): Promise<void>;
}

/** Starts it; the port is any that is free. */
export async function startLocalKms(): Promise<LocalKms> {
  const template = parseTemplate(
    'S',
    JSON.stringify({ Resources: { Key: { Type: 'AWS::KMS::Key', Properties: {} } } }),
  );
  const model = new Model([{ name: 'S', region: undefined, assets: new Map(), template }], {
    region: 'eu-central-1',
    parameters: {},
    addresses: { publicUrl: 'http://127.0.0.1', awsUrl: 'http://127.0.0.1' },
  });
  const kms = new Kms(model, new PrivateFile(undefined));
  const [keyArn = ''] = kms.arns;
  const asked: string[] = [];
  let failing: string | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    asked.push(operation);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      if (failing !== undefined) throw Object.assign(new Error('planted'), { name: failing });
      response.end(JSON.stringify(kms.call(operation, JSON.parse(await text(request)))));
    } catch (error) {
      response.statusCode = 400;
      const name = error instanceof Error ? error.name : 'InternalFailure';
      response.end(JSON.stringify({ __type: name, message: name }));
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    keyArn,
    asked,
    fail: (error) => void (failing = error),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
