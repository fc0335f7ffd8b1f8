import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { HOST, portOf } from '../../local/ports.ts';

/**
 * Keeps objects in memory as far as the functions of the bench use S3: put, get, list, delete. The emulator that the
 * local system uses takes no object above 11 MB, which a snapshot of 100,000 events is.
 */
export async function startObjectStore(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const objects = new Map<string, { readonly bytes: Buffer; readonly writtenAt: Date }>();
  const keep = async (path: string, request: IncomingMessage): Promise<void> =>
    void objects.set(path, { bytes: await buffer(request), writtenAt: new Date() });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
    const answer = (status: number, body: string | Buffer = ''): void => void response.writeHead(status).end(body);
    if (request.method === 'PUT') void keep(pathname, request).then(() => answer(200));
    else if (request.method === 'DELETE') answer(objects.delete(pathname) ? 204 : 404);
    else if (searchParams.has('list-type')) answer(200, listOf(pathname, objects));
    else {
      const found = objects.get(pathname);
      answer(found === undefined ? 404 : 200, found?.bytes);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    url: `http://${HOST}:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listOf(bucket: string, objects: ReadonlyMap<string, { readonly writtenAt: Date }>): string {
  const contents = [...objects]
    .filter(([path]) => path.startsWith(bucket))
    .map(
      ([path, { writtenAt }]) =>
        `<Contents><Key>${path.slice(bucket.length).replace(/^\//, '')}</Key><LastModified>${writtenAt.toISOString()}</LastModified></Contents>`,
    );
  return `<?xml version="1.0"?><ListBucketResult>${contents.join('')}</ListBucketResult>`;
}
