import { z } from 'zod';

const filter = {
  /** Only requests or objects that carry all of these metadata values. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** Only requests or events about this PaymentIntent. */
  paymentIntent: z.string().optional(),
  /** How many matches are struck; then the fault is spent. */
  times: z.number().int().min(1).max(1_000_000).default(1),
  /** How many matches pass first. */
  skip: z.number().int().min(0).max(1_000_000).default(0),
};

const requestFault = z.strictObject({
  on: z.literal('request'),
  /** `POST /v1/payment_intents/:id/capture`, as in the README; `*` is any. */
  route: z.string(),
  effect: z.enum([
    'rate_limit',
    'error_before',
    'error_stored',
    'error_after',
    'lost_answer',
    'delay_before',
    'delay_after',
    'timeout_before',
    'timeout_after',
    'balance_insufficient',
  ]),
  /** For the two delays, in real milliseconds. */
  delayMs: z.number().int().min(0).max(600_000).optional(),
  ...filter,
});

const webhookFault = z.strictObject({
  on: z.literal('webhook'),
  /** Event type such as `payment_intent.succeeded`; `*` is any. */
  event: z.string(),
  effect: z.enum(['duplicate', 'reorder', 'delay', 'drop', 'second_event']),
  /** For `delay`, in milliseconds of the stand-in's clock. */
  delayMs: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .optional(),
  ...filter,
});

/** The body of `POST /_stand-in/faults`. */
export const faultInput = z.discriminatedUnion('on', [requestFault, webhookFault]);
/** A fault asked for. */
export type FaultInput = z.infer<typeof faultInput>;
/** What a fault does to a request. */
export type RequestEffect = Extract<FaultInput, { on: 'request' }>;
/** What a fault does to an event's delivery. */
export type WebhookEffect = Extract<FaultInput, { on: 'webhook' }>;

/** A fault with its id and how often it struck. */
export type Fault = FaultInput & {
  readonly id: string;
  readonly seen: number;
  readonly struck: number;
};

/** What a request or an event is about, for the filters. */
export interface FaultSubject {
  /** The PaymentIntent, when there is one. */
  readonly paymentIntent: string | null;
  /** Metadata of the request, of its object and of its PaymentIntent. */
  readonly metadata: readonly Readonly<Record<string, string>>[];
}

/** The faults in force. They are not kept over a restart. */
export interface Faults {
  add(id: string, input: FaultInput): Fault;
  list(): readonly Fault[];
  remove(id: string): boolean;
  clear(): void;
  /** All faults that strike this request now; counts them. */
  forRequest(route: string, subject: () => FaultSubject): readonly RequestEffect[];
  /** All faults that strike this event now; counts them. */
  forEvent(type: string, subject: () => FaultSubject): readonly WebhookEffect[];
}

/** Makes an empty list of faults. */
export function faults(): Faults {
  const rules = new Map<string, Fault>();
  const strike = (fault: Fault): boolean => {
    const seen = fault.seen + 1;
    const strikes = seen > fault.skip && fault.struck < fault.times;
    const struck = fault.struck + (strikes ? 1 : 0);
    rules.set(fault.id, { ...fault, seen, struck });
    return strikes;
  };
  return {
    add(id, input) {
      const fault: Fault = { ...input, id, seen: 0, struck: 0 };
      rules.set(id, fault);
      return fault;
    },
    list: () => [...rules.values()],
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
    forRequest(route, subject) {
      if (rules.size === 0) return [];
      const about = subject();
      const struck: RequestEffect[] = [];
      for (const fault of rules.values()) {
        if (fault.on !== 'request' || (fault.route !== '*' && fault.route !== route)) continue;
        if (fault.struck < fault.times && matches(fault, about) && strike(fault)) struck.push(fault);
      }
      return struck;
    },
    forEvent(type, subject) {
      if (rules.size === 0) return [];
      const about = subject();
      const struck: WebhookEffect[] = [];
      for (const fault of rules.values()) {
        if (fault.on !== 'webhook' || (fault.event !== '*' && fault.event !== type)) continue;
        if (fault.struck < fault.times && matches(fault, about) && strike(fault)) struck.push(fault);
      }
      return struck;
    },
  };
}

function matches(fault: FaultInput, about: FaultSubject): boolean {
  if (fault.paymentIntent !== undefined && fault.paymentIntent !== about.paymentIntent) return false;
  const wanted = Object.entries(fault.metadata ?? {});
  return wanted.length === 0 || about.metadata.some((given) => wanted.every(([key, value]) => given[key] === value));
}
