import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';

export const caseStatus = z.enum(['OPEN', 'CLOSED']);
export type CaseStatus = z.infer<typeof caseStatus>;

/**
 * What a person must look after: a refund that the provider refuses or that fails later; a dispute; money that went
 * back and nobody of ours gave; a payment that belongs to no order, or that differs from its order; a payment that is
 * not taken before a person has decided.
 */
export const caseKind = z.enum(['REFUND_FAILED', 'DISPUTE', 'FOREIGN_REFUND', 'PAYMENT_DIFFERS', 'FRAUD_REVIEW']);
export type CaseKind = z.infer<typeof caseKind>;

/**
 * How a case was closed: its refund is tried anew, the money went another way (by transfer, in cash), or nothing was
 * to be done. A FRAUD_REVIEW is APPROVED or REFUSED, and nothing else. No free text: what is written of people would outlive their erasure (invariant I19).
 */
export const caseResolution = z.enum(['REFUND_RETRIED', 'PAID_OTHERWISE', 'NOTHING_TO_DO', 'APPROVED', 'REFUSED']);
export type CaseResolution = z.infer<typeof caseResolution>;

const about = z.object({
  orderId: z.optional(z.string()),
  refundId: z.optional(z.string()),
  disputeId: z.optional(z.string()),
  paymentIntentId: z.optional(z.string()),
  /** Minor units that it is about. */
  amount: z.optional(z.int()),
  currency: z.optional(z.string()),
  /** The provider's code, what differs, or what a review is for. */
  detail: z.optional(z.string()),
  /** Of a review: until when somebody must have decided. */
  decideBy: z.optional(z.int()),
});
export type CaseAbout = z.infer<typeof about>;

/** What a case's row keeps beside its mark. */
export const caseRow = z.extend(about, {
  caseId: z.string(),
  kind: caseKind,
  status: caseStatus,
  openedAt: z.int(),
  /** Since when it has its status: where it is listed. */
  since: z.int(),
  /** How often it was opened again after it had been closed. */
  reopened: z.optional(z.int()),
  closedAt: z.optional(z.int()),
  closedBy: z.optional(z.string()),
  resolution: z.optional(caseResolution),
});
export type CaseDetails = z.infer<typeof caseRow>;

const ofCase = z.object({ caseId: z.string(), kind: caseKind, orderId: z.optional(z.string()) });
export const caseOpened = defineEvent(
  'support.CaseOpened.v1',
  'a refund fails, a payment is disputed, or ledgers differ',
  ofCase,
);
export const caseReopened = defineEvent(
  'support.CaseReopened.v1',
  'what a closed case was about happens again',
  ofCase,
);
export const caseClosed = defineEvent(
  'support.CaseClosed.v1',
  'somebody closes a case',
  z.extend(ofCase, { resolution: z.optional(caseResolution) }),
);
export const supportEvents = [caseOpened, caseReopened, caseClosed] as const;

const id = z.string().check(z.regex(ULID_PATTERN));

/** A case as the support desk sees it. */
export const caseView = z.object({
  id,
  kind: caseKind,
  status: caseStatus,
  orderId: z.nullable(id),
  refundId: z.nullable(id),
  disputeId: z.nullable(z.string()),
  paymentIntentId: z.nullable(z.string()),
  amount: z.nullable(z.object({ amount: z.int(), currency: z.string() })),
  detail: z.nullable(z.string()),
  openedAt: z.iso.datetime(),
  /** Of a FRAUD_REVIEW: what nobody has approved by then is refused. */
  decideBy: z.nullable(z.iso.datetime()),
  reopened: z.int(),
  closedAt: z.nullable(z.iso.datetime()),
  closedBy: z.nullable(z.string()),
  resolution: z.nullable(caseResolution),
});
export type CaseView = z.infer<typeof caseView>;

const WHO = ['support', 'admin'] as const;

export const listCases = route({
  id: 'listCases',
  method: 'GET',
  path: '/api/support/cases',
  summary: 'Cases, open ones unless asked otherwise, the oldest first',
  access: { who: WHO },
  query: z.strictObject({
    status: z.optional(caseStatus),
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(300))),
  }),
  responses: { 200: z.object({ items: z.array(caseView), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});

export const closeCase = route({
  id: 'closeCase',
  method: 'PATCH',
  path: '/api/support/cases/{caseId}',
  summary: 'Close a case, where asked by trying its refund anew, or by deciding about a payment; again changes nothing',
  access: { who: WHO, owns: 'case' },
  params: z.strictObject({ caseId: id }),
  body: z.strictObject({ status: z.literal('CLOSED'), resolution: caseResolution }),
  responses: { 200: caseView },
  problems: ['CASE_HAS_NO_REFUND', 'REFUND_NOT_FAILED', 'RESOLUTION_NOT_FOR_CASE', 'REVIEW_OVER'],
});

export const supportRoutes = [listCases, closeCase] as const;
export const supportEnv = z.extend(sessionEnv, cursorEnv.shape);
