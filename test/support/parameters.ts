import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';

/** The parameters that handlers read in a test, and where they are served. */
export interface TestParameters {
  readonly port: number;
  close(): Promise<void>;
}

/** A value of kind `random-32-bytes`. */
export function randomKey(): string {
  return randomBytes(32).toString('hex');
}

/** A value of kind `key-ring` with one live key. */
export function randomKeyRing(): string {
  return JSON.stringify({ current: 'k1', keys: { k1: randomKey() } });
}

/**
 * Serves `values` by name over the HTTP interface of the Parameters-and-Secrets extension, and points
 * this process at it. Absent names answer 400 as the extension does.
 */
export async function serveParameters(values: Readonly<Record<string, string>>): Promise<TestParameters> {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').searchParams.get('name') ?? '';
    const value = values[name];
    response.statusCode = value === undefined ? 400 : 200;
    response.end(
      JSON.stringify(
        value === undefined ? { error: 'ParameterNotFound' } : { Parameter: { Name: name, Value: value } },
      ),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  const { port } = address;
  process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] = String(port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
