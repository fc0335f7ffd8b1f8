import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeServer, HOST, listen, type PortChoice } from '../ports.ts';

/** What DynamoDB does that DynamoDB Local never does: shares from 0 to 1, of requests that write. */
export interface DynamoDbFaults {
  /** Transactions that are cancelled with `TransactionConflict`. */
  readonly conflicts: number;
  /** Writes that are throttled. */
  readonly throttles: number;
  /** The same seed strikes the same requests, as far as they come in the same order. */
  readonly seed: number;
}

/** What the writes of one function have met. */
export interface Met {
  /** Transactions sent, those that were struck included, and the actions in them. */
  transactions: number;
  actions: number;
  /** Writes of single items. */
  writes: number;
  conflicts: number;
  throttles: number;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem']);
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/**
 * Stands between the functions and DynamoDB Local, and strikes their writes as it is told to: beneath the SDK's own
 * retries, as the service would. Without faults it only passes on.
 */
export class FaultyDynamoDb {
  /** By function. */
  readonly met = new Map<string, Met>();
  url = '';
  readonly #target: URL;
  readonly #callerOf: (token: string) => string | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #server = createServer((incoming, response) => {
    this.#serve(incoming, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  #faults: DynamoDbFaults = { conflicts: 0, throttles: 0, seed: 0 };
  #state = 0;

  private constructor(target: string, callerOf: (token: string) => string | undefined) {
    this.#target = new URL(target);
    this.#callerOf = callerOf;
  }

  /** @param callerOf the function whose session token it is */
  static async start(
    target: string,
    port: PortChoice,
    callerOf: (token: string) => string | undefined,
  ): Promise<FaultyDynamoDb> {
    const faulty = new FaultyDynamoDb(target, callerOf);
    faulty.url = `http://${HOST}:${await listen(faulty.#server, port)}`;
    return faulty;
  }

  /** Strikes so from now on, and counts from nothing. */
  set(faults: DynamoDbFaults): void {
    this.#faults = faults;
    this.#state = faults.seed;
    this.met.clear();
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await closeServer(this.#server);
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    if (WRITES.has(operation)) {
      const sent = await buffer(incoming);
      const struck = this.#strike(operation, sent, this.#metBy(incoming));
      if (struck === undefined) this.#pass(incoming, response, sent);
      else response.writeHead(400, JSON_TYPE).end(struck);
    } else this.#pass(incoming, response, undefined);
  }

  #metBy(incoming: IncomingMessage): Met {
    const name = this.#callerOf(String(incoming.headers['x-amz-security-token'])) ?? 'others';
    const met = this.met.get(name) ?? { transactions: 0, actions: 0, writes: 0, conflicts: 0, throttles: 0 };
    this.met.set(name, met);
    return met;
  }

  /** The answer to a write that is struck. */
  #strike(operation: string, sent: Buffer, met: Met): string | undefined {
    const actions = operation === 'TransactWriteItems' ? actionsIn(sent) : 0;
    if (actions > 0) met.transactions += 1;
    else met.writes += 1;
    met.actions += actions;
    if (this.#random() < this.#faults.throttles) {
      met.throttles += 1;
      return answered('ThrottlingException', { message: 'Throttled by the local runtime, as it was told to' });
    }
    if (actions === 0 || this.#random() >= this.#faults.conflicts) return undefined;
    met.conflicts += 1;
    const hit = Math.floor(this.#random() * actions);
    const CancellationReasons = Array.from({ length: actions }, (_unused, index) =>
      index === hit
        ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
        : { Code: 'None' },
    );
    const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
    const Message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
    return answered('TransactionCanceledException', { Message, CancellationReasons });
  }

  #pass(incoming: IncomingMessage, response: ServerResponse, sent: Buffer | undefined): void {
    const headers = { ...incoming.headers, host: this.#target.host };
    const call = request(
      this.#target,
      { method: incoming.method ?? 'POST', path: incoming.url ?? '/', agent: this.#agent, headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      },
    );
    // A worker that is killed takes its connection along.
    call.on('error', () => response.destroy());
    response.on('close', () => {
      if (!response.writableFinished) call.destroy();
    });
    if (sent === undefined) incoming.pipe(call);
    else call.end(sent);
  }

  /** Mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

function actionsIn(sent: Buffer): number {
  const body: unknown = JSON.parse(sent.toString());
  const items = typeof body === 'object' && body !== null && 'TransactItems' in body ? body.TransactItems : [];
  return Array.isArray(items) ? items.length : 0;
}

function answered(fault: string, body: object): string {
  return JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${fault}`, ...body });
}
