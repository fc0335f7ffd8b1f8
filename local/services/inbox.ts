import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { closeServer, HOST, listen, type PortChoice, portOf } from '../ports.ts';
import {
  eventsOf,
  fault,
  type Fault,
  type Handed,
  handedBy,
  type MailEvent,
  MailFaults,
  refusal,
} from './mail-faults.ts';
import { Sms } from './sms.ts';

/** The mail store of aws-ses-v2-local, one for each process. */
interface MailStore {
  saveEmail(email: unknown): void;
  clearStore(): void;
  getStoreReadonly(): { readonly emails: readonly unknown[] };
}
type StartSes = (config: { host: string; port: number }) => Promise<Server>;

const load = createRequire(import.meta.url);

/** Is told what becomes of mails that were taken. */
export type MailListener = (mail: Handed, event: MailEvent) => void;

/** The local inbox: SES's SendRawEmail, pages that show mail and, at `/texts`, text messages, `GET /store`, and `POST /faults`. */
export interface Inbox {
  readonly url: string;
  readonly port: number;
  /** The phones of this system. */
  readonly texts: Sms;
  onEvent(listener: MailListener): void;
  close(): Promise<void>;
}

/**
 * Starts aws-ses-v2-local behind a server of ours, which plays the faults that are asked for and tells what becomes of
 * each mail. It keeps mail in memory, so each mail is also appended to a file, from which the next start fills the inbox
 * again.
 */
export async function startInbox(choice: PortChoice, file: string | undefined): Promise<Inbox> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- CommonJS whose types lack the interop
  const ses = load('aws-ses-v2-local') as { default: StartSes };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module that its types leave out
  const store = load('aws-ses-v2-local/dist/store.js') as MailStore;
  store.clearStore();
  if (file !== undefined && existsSync(file)) {
    for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) store.saveEmail(JSON.parse(line));
  }
  const behind = await ses.default({ host: HOST, port: 0 });
  if (file !== undefined) keep(behind, store, file);
  const faults = new MailFaults();
  const texts = new Sms();
  const listeners: MailListener[] = [];
  const tell: MailListener = (mail, event) => listeners.forEach((listener) => listener(mail, event));
  const front = createServer((request, response) => {
    serve({ behind: `http://${HOST}:${portOf(behind)}`, faults, tell, texts }, request, response).catch(() =>
      response.destroy(),
    );
  });
  const port = await listen(front, choice);
  return {
    url: `http://${HOST}:${port}`,
    port,
    texts,
    onEvent: (listener) => listeners.push(listener),
    close: async () => {
      await Promise.all([closeServer(front), closeServer(behind)]);
    },
  };
}

interface Front {
  readonly behind: string;
  readonly faults: MailFaults;
  readonly tell: MailListener;
  readonly texts: Sms;
}

async function serve(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  if (request.url === '/faults' && request.headers.origin === undefined)
    return planFaults(front, request, response, body);
  if (request.method === 'GET' && request.url === '/texts') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(front.texts.page());
    return;
  }
  const mail = request.method === 'POST' ? handedBy(new URLSearchParams(body.toString())) : undefined;
  const kind = mail === undefined ? undefined : front.faults.take(mail.to);
  if (kind === 'refuse' || kind === 'throttle' || kind === 'unavailable') {
    const refused = refusal(kind);
    response
      .writeHead(refused.status, { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() })
      .end(refused.body);
    return;
  }
  const { status, headers, content } = await forward(front.behind, request, body);
  if (kind === 'lose-answer' || kind === 'vanish') response.destroy();
  else response.writeHead(status, headers).end(content);
  if (mail !== undefined && status === 200) tellAfter(front, mail, kind);
}

/** Once the answer is out, as SES does: some seconds later there, at once here. */
function tellAfter({ tell }: Front, mail: Handed, kind: Fault['kind'] | undefined): void {
  for (const event of eventsOf(kind)) tell(mail, event);
}

function planFaults({ faults }: Front, { method }: IncomingMessage, response: ServerResponse, body: Buffer): void {
  if (method === 'DELETE') faults.clear();
  const asked = method === 'POST' ? fault.safeParse(JSON.parse(body.toString())) : undefined;
  if (asked?.success === true) faults.plan(asked.data);
  response.writeHead(asked?.success === false ? 400 : 204).end(asked?.error === undefined ? '' : asked.error.message);
}

async function forward(behind: string, request: IncomingMessage, body: Buffer) {
  const { method = 'GET', headers } = request;
  const kept = ['content-type', 'authorization'].flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const answer = await fetch(`${behind}${request.url ?? '/'}`, {
    method,
    redirect: 'manual',
    headers: kept,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
  });
  return {
    status: answer.status,
    headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' },
    content: Buffer.from(await answer.arrayBuffer()),
  };
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
