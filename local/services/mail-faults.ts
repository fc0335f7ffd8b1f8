import * as z from 'zod';

/** What the inbox is to do with the next mails instead of taking them; asked for by `POST /faults`. */
export const fault = z.strictObject({
  kind: z.enum([
    /** Says no (400 MessageRejected). */
    'refuse',
    /** Asks to slow down (400 Throttling). */
    'throttle',
    /** Breaks down without taking it (503), which nobody can tell from having taken it. */
    'unavailable',
    /** Takes it and cuts the connection before it answers; the events of the mail come all the same. */
    'lose-answer',
    /** As `lose-answer`, and no event ever comes. */
    'vanish',
    /** Takes it; then it comes back for good. */
    'bounce',
    /** Takes it; then it comes back for now. */
    'soft-bounce',
    /** Takes and delivers it; then it is called spam. */
    'complain',
  ]),
  /** Mails to this address; to any without it. */
  to: z.string().optional(),
  /** So many mails. */
  times: z.int().min(1).max(1_000).default(1),
});
export type Fault = z.output<typeof fault>;

/** What SES tells of a mail, in the words of its event publishing. */
export interface MailEvent {
  readonly eventType: 'Delivery' | 'Bounce' | 'Complaint';
  readonly bounceType?: 'Permanent' | 'Transient';
}

/** A mail as `SendRawEmail` brings it. */
export interface Handed {
  readonly to: string;
  readonly configurationSet: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Addresses of SES's mailbox simulator behave here as there, labels (`bounce+1@…`) included. */
const SIMULATOR = /^(bounce|complaint)(?:\+[^@]*)?@simulator\.amazonses\.com$/;

/** The faults that are still to come. */
export class MailFaults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  plan(planned: Fault): void {
    this.#waiting.push({ fault: planned, left: planned.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** What to do with a mail to `to`; used up by it. */
  take(to: string): Fault['kind'] | undefined {
    const next = this.#waiting.find(({ fault: planned, left }) => left > 0 && (planned.to ?? to) === to);
    if (next !== undefined) {
      next.left -= 1;
      return next.fault.kind;
    }
    const [, simulated] = SIMULATOR.exec(to) ?? [];
    return simulated === 'bounce' ? 'bounce' : simulated === 'complaint' ? 'complain' : undefined;
  }
}

/** What SES tells of a mail that it took. */
export function eventsOf(kind: Fault['kind'] | undefined): readonly MailEvent[] {
  if (kind === 'vanish') return [];
  if (kind === 'bounce') return [{ eventType: 'Bounce', bounceType: 'Permanent' }];
  if (kind === 'soft-bounce') return [{ eventType: 'Bounce', bounceType: 'Transient' }];
  const delivery: MailEvent = { eventType: 'Delivery' };
  return kind === 'complain' ? [delivery, { eventType: 'Complaint' }] : [delivery];
}

/** The mail that a form of SES's query protocol hands over; undefined for any other action. */
export function handedBy(form: URLSearchParams): Handed | undefined {
  if (form.get('Action') !== 'SendRawEmail') return undefined;
  const tags: Record<string, string> = {};
  for (let n = 1; form.has(`Tags.member.${n}.Name`); n += 1)
    tags[form.get(`Tags.member.${n}.Name`) ?? ''] = form.get(`Tags.member.${n}.Value`) ?? '';
  return {
    to: form.get('Destinations.member.1') ?? '',
    configurationSet: form.get('ConfigurationSetName') ?? undefined,
    tags,
  };
}

const REFUSALS = {
  refuse: { status: 400, code: 'MessageRejected', message: 'planted refusal' },
  throttle: { status: 400, code: 'Throttling', message: 'Maximum sending rate exceeded.' },
  unavailable: { status: 503, code: 'ServiceUnavailable', message: 'planted outage' },
} as const;

/** SES's answer to a mail that it does not take. */
export function refusal(kind: keyof typeof REFUSALS): {
  readonly status: number;
  readonly body: string;
} {
  const { status, code, message } = REFUSALS[kind];
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">${error}</ErrorResponse>` };
}
