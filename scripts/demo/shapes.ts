import * as z from 'zod/mini';

/** What the demo reads of the API's answers, written down from its documentation; the rest is ignored. */

const money = z.object({ amount: z.int(), currency: z.string() });

export const signedIn = z.object({
  user: z.object({
    email: z.string(),
    firstName: z.string(),
    memberships: z.array(z.object({ organizationName: z.string(), post: z.string() })),
  }),
  accessToken: z.string(),
  expiresIn: z.int(),
});

const event = z.object({
  id: z.string(),
  title: z.string(),
  startsAt: z.string(),
  timeZone: z.string(),
  status: z.string(),
  ticketTypes: z.array(
    z.object({ id: z.string(), name: z.string(), price: money, available: z.int(), status: z.string() }),
  ),
});
export const createdEvent = z.object({ eventId: z.string(), event });
export const shownEvent = event;
export type ShownEvent = z.infer<typeof event>;

export const reservation = z.object({ reservationId: z.string(), expiresAt: z.string(), total: money });

export const createdOrder = z.object({
  orderId: z.string(),
  orderNumber: z.string(),
  status: z.string(),
  total: money,
  paymentIntentId: z.string(),
  paymentClientSecret: z.string(),
});

export const order = z.object({
  id: z.string(),
  orderNumber: z.string(),
  status: z.string(),
  ticketsIssued: z.boolean(),
});

export const tickets = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      code: z.string(),
      ticketNumber: z.string(),
      status: z.string(),
      qr: z.nullable(z.string()),
    }),
  ),
});

export const verdict = z.object({
  result: z.enum(['ADMIT', 'REFUSE']),
  reason: z.optional(z.string()),
  firstUse: z.optional(z.object({ at: z.string(), gate: z.nullable(z.string()) })),
});

/** Money as people read it. */
export function readable({ amount, currency }: z.infer<typeof money>): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
