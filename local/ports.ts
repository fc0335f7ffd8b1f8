import { randomInt } from 'node:crypto';
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

/**
 * Below the ports that systems give to connections by themselves: one of those may be taken between our finding it free and
 * whoever it is for listening on it.
 */
const FOUND = { from: 15_000, count: 17_000 } as const;
const TRIES = 100;

/** A port that nothing listens on now: the chosen one, or for 0 any free one. @throws StartFailure when it is taken */
export async function reservePort(choice: PortChoice): Promise<number> {
  for (let attempt = 1; choice.port === 0 && attempt <= TRIES; attempt += 1) {
    const port = FOUND.from + randomInt(FOUND.count);
    if (await isFree(port)) return port;
  }
  if (choice.port === 0 || !(await isFree(choice.port))) throw taken(choice);
  return choice.port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (isErrno(error) && error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

/** Closes a server and its idle connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
