import { readEnv, tableEnv } from '../../shared/runtime/env.ts';
import { noticeFunction } from '../../shared/runtime/notice.ts';
import { openTable } from '../../shared/table/client.ts';
import { takeFeedback } from '../app/take-feedback.ts';
import { mailFeedback } from '../contract.ts';

const table = openTable(readEnv(tableEnv).TABLE_NAME);

/** An undetermined bounce counts as one that may pass. */
const FEEDBACK = {
  Delivery: 'DELIVERED',
  Complaint: 'COMPLAINED',
  Reject: 'REJECTED',
  Permanent: 'BOUNCED_FOR_GOOD',
  Transient: 'BOUNCED',
  Undetermined: 'BOUNCED',
} as const;

export const handler = noticeFunction('mail-feedback', mailFeedback, ({ told, about, cause, to, at }) =>
  takeFeedback(table, {
    told: FEEDBACK[told],
    tags: { about: about[0] ?? '', cause: cause[0] ?? '', to: to[0] ?? '' },
    at: Date.parse(at),
  }),
);
