import { createServer } from 'node:net';
import type { Server } from 'node:http';
import { StartFailure } from './failure.ts';

/** The runtime listens nowhere else. */
export const HOST = '127.0.0.1';

/** How a person chooses a port, for the sentence about a taken one. */
export interface PortChoice {
  /** 0 asks for any free port. */
  readonly port: number;
  /** Who wants it, like "the API". */
  readonly use: string;
  /** The flag that changes it, like `--port`. */
  readonly flag: string;
}

function taken({ port, use, flag }: PortChoice): StartFailure {
  return new StartFailure(`Port ${port} for ${use} is taken; free it or choose another with ${flag}.`);
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

/** Starts a server on loopback. Resolves with the port; a taken port is a {@link StartFailure}. */
export function listen(server: Server, choice: PortChoice): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(isErrno(error) && error.code === 'EADDRINUSE' ? taken(choice) : error);
    });
    server.listen(choice.port, HOST, () => resolve(portOf(server)));
  });
}

/** The port that a listening server has. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

/** A port that nothing listens on now: the chosen one, or for 0 any free one. */
export async function reservePort(choice: PortChoice): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(isErrno(error) && error.code === 'EADDRINUSE' ? taken(choice) : error));
    probe.listen(choice.port, HOST, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : choice.port;
      probe.close(() => resolve(port));
    });
  });
}

/** Closes a server and its idle connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
