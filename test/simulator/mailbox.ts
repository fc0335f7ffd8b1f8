import type { Mailer, OutgoingMail } from '../../functions/notifications/ports.ts';
import { sendPaymentMail, type PaymentMailDeps } from '../../functions/notifications/app/send-payment-mail.ts';
import {
  sendRefundFailureMail,
  sendRefundMail,
  type RefundMailDeps,
} from '../../functions/notifications/app/send-refund-mail.ts';
import { latePaymentReturned, paymentFailed } from '../../functions/orders/contract.ts';
import { refundFailed, refundIssued } from '../../functions/payments/contract.ts';
import { shortHash } from '../../functions/shared/kernel/hash.ts';
import { err, ok } from '../../functions/shared/kernel/result.ts';
import { consumerOf, type Consumer } from '../../functions/shared/runtime/queue.ts';
import type { FaultKind, Scheduler } from './scheduler.ts';
import { STAGES } from '../../lib/stages.ts';

/** The mail provider of a history: what it has accepted, and told that it has. */
export class Mailbox {
  /** Every mail that was accepted, by the notification that it was. */
  readonly accepted: OutgoingMail[] = [];
  readonly #scheduler: Scheduler;
  readonly #taken: (mail: OutgoingMail) => void;

  /** @param taken told of each mail that is accepted */
  constructor(scheduler: Scheduler, taken: (mail: OutgoingMail) => void) {
    this.#scheduler = scheduler;
    this.#taken = taken;
  }

  /** What the system under test sends with. */
  readonly mailer: Mailer = async (mail) => {
    let struck: FaultKind | undefined;
    try {
      const messageId = await this.#scheduler.call({
        label: 'sends a mail',
        kinds: ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'TIMEOUT', 'RATE_LIMIT'],
        effect: async () => {
          this.accepted.push(mail);
          this.#taken(mail);
          return `message-${this.accepted.length}`;
        },
        failure: (kind) => {
          struck = kind;
          return new Error('socket hang up');
        },
      });
      return ok(messageId);
    } catch (error) {
      if (struck === undefined) throw error;
      return err(
        struck === 'RATE_LIMIT'
          ? { code: 'THROTTLED', reason: 'ThrottlingException' }
          : { code: 'UNKNOWN', reason: 'TimeoutError' },
      );
    }
  };
}

/** Mails of money that came to nothing or goes back. Those with tickets draw pictures, for which a history has no time. */
export function mailConsumers(given: Pick<RefundMailDeps, 'table' | 'clock' | 'mailer'>): readonly Consumer[] {
  const deps: RefundMailDeps & PaymentMailDeps = {
    ...given,
    brand: STAGES.local.brand,
    sender: 'Onsale <tickets@onsale.example>',
    publicUrl: 'https://onsale.example',
    addressHash: async (address) => shortHash(address),
    phoneHash: async (phone) => shortHash(phone),
    texter: async () => err({ code: 'REFUSED', reason: 'NobodyAskedForTexts' }),
    recipientOf: async (userId) => ({
      email: `${userId.toLowerCase()}@buyers.example`,
      firstName: 'Ada',
      lastName: 'Byron',
      locale: 'en',
    }),
  };
  return [
    consumerOf(latePaymentReturned, (event) => sendPaymentMail(deps, event, 'paymentReturned')),
    consumerOf(paymentFailed, (event) => sendPaymentMail(deps, event, 'paymentFailed')),
    consumerOf(refundIssued, (event) => sendRefundMail(deps, event)),
    consumerOf(refundFailed, (event) => sendRefundFailureMail(deps, event)),
  ];
}

/** A row as far as it is asked for. */
type Row = Readonly<Record<string, unknown>>;

/**
 * What is wrong with the mails of a history (invariant I9): one that was accepted twice, one that the rows call sent and nobody
 * accepted or the other way round, one that did not go out and nobody is told of, or a buyer of a cancelled event who was not told.
 *
 * @param dead messages that were given up, of which administrators are told
 * @param given buyers whose tickets of the cancelled event were given back because of it
 */
export function mailFault(
  rows: readonly Row[],
  accepted: readonly OutgoingMail[],
  dead: readonly string[],
  given: { readonly eventId: string; readonly customers: ReadonlySet<string> },
): string | undefined {
  const notes = rows.filter(({ sk }) => String(sk).startsWith('NOTE#'));
  const times = new Map<string, number>();
  for (const { notificationId } of accepted) times.set(notificationId, (times.get(notificationId) ?? 0) + 1);
  let givenUp = 0;
  for (const { sk, notificationId, status } of notes) {
    const taken = times.get(String(notificationId)) ?? 0;
    if (taken > 1) return `The mail ${String(sk)} was accepted ${taken} times`;
    if (taken === 0 && status !== 'OBSOLETE') givenUp += 1;
    const known = status === 'SENT' || status === 'DELIVERED';
    if (known !== (taken === 1)) return `The mail ${String(sk)} is ${String(status)}, and was accepted ${taken} times`;
  }
  const told = dead.filter((name) => name.startsWith('mail: ')).length;
  if (givenUp > told) return `${givenUp} mails did not go out, and administrators are told of ${told}`;
  for (const customer of given.customers) {
    const note = notes.find(
      ({ pk, sk }) => pk === `USER#${customer}` && sk === `NOTE#event-cancelled#${given.eventId}`,
    );
    if (note === undefined) return `Buyer ${customer} of the cancelled event was not written to`;
  }
  return undefined;
}
