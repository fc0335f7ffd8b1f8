import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { closeServer, HOST, type PortChoice, portOf, reservePort } from '../ports.ts';

/** The mail store of aws-ses-v2-local, one for each process. */
interface MailStore {
  saveEmail(email: unknown): void;
  clearStore(): void;
  getStoreReadonly(): { readonly emails: readonly unknown[] };
}
type StartSes = (config: { host: string; port: number }) => Promise<Server>;

const load = createRequire(import.meta.url);

/** The local inbox: SES's SendRawEmail, a page that shows the mail, and `GET /store`. */
export interface Inbox {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts aws-ses-v2-local. It keeps mail in memory, so each mail is also appended to a file, from
 * which the next start fills the inbox again.
 */
export async function startInbox(choice: PortChoice, file: string | undefined): Promise<Inbox> {
  const port = await reservePort(choice);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- CommonJS whose types lack the interop
  const ses = load('aws-ses-v2-local') as { default: StartSes };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module that its types leave out
  const store = load('aws-ses-v2-local/dist/store.js') as MailStore;
  store.clearStore();
  if (file !== undefined && existsSync(file)) {
    for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) store.saveEmail(JSON.parse(line));
  }
  const server = await ses.default({ host: HOST, port });
  if (file !== undefined) keep(server, store, file);
  return { url: `http://${HOST}:${portOf(server)}`, port: portOf(server), close: () => closeServer(server) };
}

function keep(server: Server, store: MailStore, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  let kept = store.getStoreReadonly().emails.length;
  server.on('request', (request, response) => {
    if (request.method !== 'POST') return;
    response.on('finish', () => {
      const { emails } = store.getStoreReadonly();
      if (emails.length < kept) {
        rmSync(file, { force: true });
        kept = 0;
      }
      const fresh = emails.slice(kept);
      kept = emails.length;
      if (fresh.length > 0) appendFileSync(file, fresh.map((email) => `${JSON.stringify(email)}\n`).join(''));
    });
  });
}

/** Where the inbox keeps its mail. */
export function inboxFile(directory: string): string {
  return join(directory, 'inbox.jsonl');
}
