import * as z from 'zod/mini';

import { signature } from '../../local/stripe/webhooks.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { AuditMemory } from '../../scripts/audit/memory.ts';
import { cancelSteps } from '../../functions/catalog/app/cancel-steps.ts';
import type { CancellationRuns } from '../../functions/catalog/cancellation-runs.ts';
import { tendEvents } from '../../functions/catalog/operations.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { ledgerSteps } from '../../functions/orders/app/ledger-steps.ts';
import { orderPaid } from '../../functions/orders/contract.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { paymentSteps } from '../../functions/payments/app/purchase-steps.ts';
import { pacedGateway } from '../../functions/payments/operations.ts';
import { reconcilePayments } from '../../functions/payments/app/reconcile-payments.ts';
import { settleConsumers } from '../../functions/payments/app/settle-consumers.ts';
import { settleRefunds } from '../../functions/payments/app/settle-refunds.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { takeStripeEvent } from '../../functions/payments/app/take-stripe-event.ts';
import type { PurchaseRuns } from '../../functions/payments/purchase-runs.ts';
import { takeFeedback } from '../../functions/notifications/app/take-feedback.ts';
import { retryMails } from '../../functions/notifications/operations.ts';
import type { OutgoingMail } from '../../functions/notifications/ports.ts';
import { expireHolds } from '../../functions/reservations/app/expire-holds.ts';
import { MINUTE, SECOND, type Instant } from '../../functions/shared/kernel/clock.ts';
import { ok } from '../../functions/shared/kernel/result.ts';
import { consumerOf } from '../../functions/shared/runtime/queue.ts';
import type { Step } from '../../functions/shared/runtime/step.ts';
import type { Occasion } from '../../functions/shared/table/aggregate.ts';
import { rememberRun } from '../../functions/shared/table/due-list.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import type { Behaviour, Change } from '../../scripts/twin/twin.ts';
import { TEST_CONTEXT } from '../support/http.ts';
import { purchaseMachine, type StepHandler } from '../workflows/purchase-machine.ts';
import { cancellationMachine, untrueFact } from './cancelling.ts';
import { Jobs, type Tick } from './jobs.ts';
import { Mailbox, mailConsumers } from './mailbox.ts';
import { delaysOf, sendUntilTaken, type WebhookTiming } from './outside.ts';
import { Processes } from './processes.ts';
import { Provider, type Keyless } from './provider.ts';
import { Queues } from './queues.ts';
import { Relay } from './relay.ts';
import { sleep, type Scheduler } from './scheduler.ts';
import type { Order } from '../../functions/orders/reads.ts';
import { Store } from './store.ts';

/** What the system has forgotten: a mutant that the simulator must find. */
export interface Mutant {
  readonly condition?: Behaviour['forgotten'];
  readonly key?: Keyless;
  /** A step that says it is done and does nothing. */
  readonly step?: string;
  /** Makes the rows wrong once all is at rest, for the checks that come last to find. */
  readonly planted?: (store: Store, orders: readonly Order[]) => Promise<void>;
}

/** How the world around the system behaves. */
export interface Surroundings {
  readonly webhooks: WebhookTiming;
  readonly random: () => number;
  readonly mutant?: Mutant | undefined;
  /** Buyers are written to of money that came to nothing or goes back. */
  readonly mails?: boolean;
  /** When the invariants are judged; after each change unless said. */
  readonly checks?: 'EACH_CHANGE' | 'AT_REST';
}

const WEBHOOK_SECRET = 'whsec_simulator';
/** A saga answers within so long or not at all. */
const RUN_WITHIN_MS = 11 * SECOND;
/** Functions are ended after so long, those of requests and steps, of the stream, of queues and of schedules. */
const REQUEST_WITHIN_MS = 15 * SECOND;
const STEP_WITHIN_MS = 5 * SECOND;
const JOB_WITHIN_MS = MINUTE;
/** Minutes in a row in which a job is started that fails; no history has so many faults for one. */
const MOST_STARTS = 10;
/** A step of a cancellation may take so long. */
const CANCELLING_WITHIN_MS = 2 * MINUTE;
/** Lists that the jobs read, each from where it was read last. */
const LISTS = ['LAPSED_HOLDS', 'PURCHASE_RUNS', 'REFUNDS', 'EVENTS'] as const;
/** Rows whose change may break an invariant; copies and lists follow from them. */
const CHECKED = /^(?:BLOCK|POOL|RESERVATION|ORDER|LIMIT|TICKET|REFUND)/;

/** Everything that runs of Onsale, in one process: real use cases and the real state machine between simulated ports. */
export class System {
  readonly store: Store;
  readonly provider: Provider;
  readonly mailbox: Mailbox;
  readonly runs: PurchaseRuns;
  readonly cancellations: CancellationRuns;
  /** The first difference from the invariants, if any. */
  fault: string | undefined;
  readonly #scheduler: Scheduler;
  readonly #around: Surroundings;
  readonly #processes: Processes;
  readonly #queues: Queues;
  readonly #jobs: Jobs;
  readonly #relay: Relay;
  readonly #audited = new AuditMemory();

  constructor(scheduler: Scheduler, around: Surroundings) {
    this.#scheduler = scheduler;
    this.#around = around;
    this.#processes = new Processes(scheduler);
    const { mutant = {} } = around;
    this.store = new Store(scheduler, (changes) => this.#committed(changes), mutant.condition);
    this.provider = new Provider(scheduler, () => this.#providerChanged(), mutant.key);
    const { table } = this.store;
    const { clock } = scheduler;
    const machine = purchaseMachine({
      PurchaseLedger: this.#handlerOf(ledgerSteps(table, clock)),
      PurchasePayments: this.#handlerOf(paymentSteps(this.provider.gateway)),
    });
    this.runs = {
      run: async (request, startedAt) =>
        Promise.race([machine.run(request, startedAt), sleep(RUN_WITHIN_MS).then(() => ok(undefined))]),
    };
    const gateway = pacedGateway(this.provider.gateway, { perSecond: 25, now: () => scheduler.now, wait: sleep });
    const cancel = this.#handlerOf(cancelSteps({ table, gateway, clock }), CANCELLING_WITHIN_MS);
    this.cancellations = cancellationMachine(async (payload) => {
      this.active();
      return cancel(payload, TEST_CONTEXT);
    });
    this.mailbox = new Mailbox(scheduler, (mail) => void this.#feedBack(mail));
    this.#queues = new Queues(scheduler, this.#processes, {
      consumers: {
        payments: settleConsumers({ table, gateway: this.provider.gateway, runs: this.runs }, clock),
        tickets: [
          consumerOf(orderPaid, ({ data: { orderId }, correlationId }) =>
            issueTickets(table, orderId, { now: clock(), correlationId, by: 'system' }),
          ),
        ],
        mail: around.mails === true ? mailConsumers({ table, clock, mailer: this.mailbox.mailer }) : [],
      },
      // At least once: now and then twice.
      comesTwice: () => around.webhooks === 'CHAOS' && around.random() < 0.1,
      active: () => {
        this.active();
      },
    });
    const sqs = this.#queues.client();
    const queueUrls = { tickets: 'tickets', mail: 'mail', payments: 'payments' };
    this.#relay = new Relay(this.#processes, around.random, (batch) =>
      relayChanges({ table, sqs, queueUrls }, batch, clock()),
    );
    this.#jobs = new Jobs(scheduler, {
      waitsFor: () => (this.#isMoneyUnderWay() ? 'MONEY' : this.#isCancelling() ? 'CANCELLATION' : undefined),
      run: (tick) => {
        this.#run(tick);
      },
      wasQuiet: async () => {
        // Lists that were found empty each minute are not read again for days.
        for (const list of LISTS) await rememberRun(this.store.bare, list, scheduler.now - MINUTE);
      },
    });
  }

  /** Puts a type on sale, before the history begins. */
  async open(type: Partial<TicketTypeCopy>, sizes: readonly number[]): Promise<TicketTypeCopy> {
    const { now } = this.#scheduler;
    const copy = await putOnSale(this.store.bare, now, type, sizes);
    for (const list of LISTS) await rememberRun(this.store.bare, list, now);
    return copy;
  }

  /** The true time. */
  get now(): Instant {
    return this.#scheduler.now;
  }

  /** What a request of somebody's is done on. */
  occasion(correlationId: string): Occasion {
    return { now: this.#scheduler.clock(), correlationId, by: 'system' };
  }

  /** A request over HTTP: its answer, or that none came. */
  async request<T>(name: string, work: () => Promise<T>): Promise<T | 'NO_ANSWER'> {
    this.active();
    try {
      return await this.#processes.run(name, REQUEST_WITHIN_MS, work);
    } catch (error) {
      this.#scheduler.tell(`${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      return 'NO_ANSWER';
    }
  }

  /** Something happens: jobs run for a while from now on. */
  active(): void {
    this.#jobs.active();
  }

  /** Whether nothing is under way or due, and the jobs have run long enough since. */
  get isQuiet(): boolean {
    return this.#isIdle() && this.#jobs.areDone;
  }

  /** What messages told that nobody could deal with. */
  get deadLetters(): readonly string[] {
    return this.#queues.dead;
  }

  /** Waits until whatever has been told to us by now is dealt with. */
  async caughtUp(): Promise<void> {
    for (let patience = 0; patience < 200 && !this.#isIdle(); patience += 1) await sleep(50);
  }

  /** Holds rows and ledger against the invariants. */
  check(world: 'in-flight' | 'at-rest'): void {
    this.fault ??= this.provider.fault;
    if (this.fault !== undefined || (world === 'in-flight' && this.#around.checks === 'AT_REST')) return;
    const { differences } = auditInvariants({
      rows: this.store.items(),
      ledger: this.provider.ledger(),
      at: this.#scheduler.now,
      world,
      memory: this.#audited,
    });
    const [first] = differences;
    if (first !== undefined) this.fault = JSON.stringify(first);
  }

  #isIdle(): boolean {
    return this.#processes.isIdle && this.#relay.isIdle;
  }

  #handlerOf(steps: readonly Step[], within = STEP_WITHIN_MS): StepHandler {
    return async (event) => {
      const { step: name, input } = z.parse(z.object({ step: z.string(), input: z.unknown() }), event);
      await this.#scheduler.call({
        label: `state machine enters ${name}`,
        kinds: ['RUN_LOST'],
        effect: async () => undefined,
        failure: () => new Error('The run is lost'),
      });
      if (this.#around.mutant?.step === name) return DONE_NOTHING[name] ?? {};
      const found = steps.find((step) => step.name === name);
      if (found === undefined) throw new Error(`No step named ${name}`);
      return this.#processes.run(`step ${name}`, within, () => found.run(input));
    };
  }

  #committed(changes: readonly Change[]): void {
    for (const { after = {} } of changes) this.fault ??= untrueFact(after, () => this.store.items());
    if (changes.some(({ before, after }) => CHECKED.test(String((after ?? before)?.['sk'])))) this.check('in-flight');
    this.#relay.bring(changes);
  }

  #providerChanged(): void {
    this.check('in-flight');
    const { webhooks, random } = this.#around;
    for (const event of this.provider.news())
      for (const delay of delaysOf(webhooks, random))
        void sendUntilTaken(this.#processes, delay, () =>
          this.request(`webhook ${event.type}`, () => this.#take(JSON.stringify(event))),
        );
  }

  /** The mail provider tells that a mail was delivered. */
  #feedBack({ tags }: OutgoingMail): Promise<void> {
    return sendUntilTaken(this.#processes, 2 * SECOND, () => {
      const told = { told: 'DELIVERED', tags, at: this.#scheduler.now } as const;
      return this.request('feedback', () => takeFeedback(this.store.table, told));
    });
  }

  async #take(payload: string): Promise<void> {
    // The provider signs anew each time that it sends; its clock is the true one.
    const seconds = Math.floor(this.#scheduler.now / 1_000);
    const taken = takeStripeEvent(
      payload,
      signature(payload, WEBHOOK_SECRET, seconds),
      [WEBHOOK_SECRET],
      this.#scheduler.now,
    );
    if (!taken.ok) throw new Error(taken.error);
    const { value } = taken;
    if (value === undefined) return;
    await this.#queues.send('payments', [JSON.stringify(value)]);
  }

  #run({ reconciles }: Tick): void {
    const { table } = this.store;
    this.#job('sweep', () => expireHolds(table, this.occasion('sweep')));
    if (this.#around.mails === true)
      this.#job('retry mails', () =>
        retryMails({ table, sqs: this.#queues.client(), mailQueueUrl: 'mail' }, this.#scheduler.clock()),
      );
    if (this.#isCancelling())
      this.#job('tend events', () => tendEvents(table, this.cancellations, this.occasion('tend events')));
    this.#job('take over runs', () => takeOverRuns(table, this.runs, this.#scheduler.clock()));
    if (!reconciles) return;
    this.#job('reconcile', async () => {
      const deps = { table, gateway: this.provider.gateway, runs: this.runs };
      await settleRefunds(deps, this.occasion('reconcile'));
      await reconcilePayments(deps, this.occasion('reconcile'));
    });
  }

  /** Whether a refund is neither over nor known to have come to nothing. */
  #isMoneyUnderWay(): boolean {
    return this.store
      .items()
      .some(({ pk, state }) => String(pk).startsWith('REFUND#') && (state === 'DUE' || state === 'PENDING'));
  }

  #isCancelling(): boolean {
    return this.store
      .items()
      .some(({ pk, sk, status }) => sk === 'EVENT' && status === 'CANCELLING' && String(pk).startsWith('EVENT#'));
  }

  /** A job that fails or dies is started again by its schedule, a minute later. */
  #job(name: string, work: () => Promise<unknown>): void {
    void this.#processes.count(async () => {
      for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
        try {
          await this.#processes.run(name, JOB_WITHIN_MS, work);
          return;
        } catch {
          await sleep(MINUTE);
        }
      }
    });
  }
}

/** What a step answers that has been left out. */
const DONE_NOTHING: Readonly<Record<string, object>> = {
  VoidOrRefundPayment: { status: 'VOIDED' },
  CapturePayment: { status: 'CAPTURED' },
  BeginPass: { decision: 'REFUND' },
  VerifyCancellation: { decision: 'DONE' },
};
