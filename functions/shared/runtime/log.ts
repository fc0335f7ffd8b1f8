/**
 * One JSON line per log entry. Only ids, codes and numbers belong here, never personal data, bodies,
 * tokens or URLs (invariant I19): `fields` takes no objects for that reason.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Codes of log entries; the runbook is searched by them. */
export type LogCode =
  | 'REQUEST_FAULT'
  | 'DEPENDENCY_FAULT'
  | 'STEP_FAULT'
  | 'RUN_FAULT'
  | 'MESSAGE_FAULT'
  | 'MESSAGE_NOT_YET'
  | 'JOB_DONE'
  | 'JOB_FAULT'
  | 'OBJECT_TAKEN'
  | 'NOTICE_TAKEN'
  | 'NOTICE_SPREAD'
  | 'SWEEP_OFFENDER'
  | 'RUN_TAKEN_OVER'
  | 'OUTBOX_RECORD_FAULT'
  | 'WEBHOOK_REFUSED'
  | 'PAYMENT_UNMATCHED'
  | 'WATCH_FAULT'
  | 'REFUND_STILL_DUE'
  | 'REFUND_SETTLED'
  | 'MAIL_SENT'
  | 'ERASURE_BEGUN'
  | 'PERSON_ERASED'
  | 'REFRESH_TOKEN_REUSED'
  | 'SEARCH_INDEX_FAULT'
  | 'MAIL_FAULT'
  | 'DOCUMENT_NOT_KEPT'
  | 'NAMES_NOT_OPENED'
  | 'PHONES_TOLD'
  | 'PHONES_NOT_TOLD'
  | 'PUSH_FAILED'
  | 'AVAILABILITY_FAULT'
  | 'STOCK_DIFFERS';

/** Something that an operator may want to find. */
export function logInfo(code: LogCode, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ level: 'info', code, ...fields })}\n`);
}

/** A fault of ours or of a dependency, with its stack but without its inputs. */
export function logFault(code: LogCode, error: unknown, fields: LogFields = {}): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stdout.write(`${JSON.stringify({ level: 'error', code, ...fields, error: name, message, stack })}\n`);
}

/** A metric in CloudWatch's embedded format: one line, no call, nothing to pay while nobody buys. */
export function logMetrics(
  metrics: Readonly<Record<string, { readonly value: number; readonly unit: 'Count' | 'Milliseconds' | 'Seconds' }>>,
  fields: LogFields,
  now: number,
): void {
  const declared = Object.entries(metrics).map(([Name, { unit: Unit }]) => ({ Name, Unit }));
  const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
  const _aws = { Timestamp: now, CloudWatchMetrics: [{ Namespace: 'Onsale', Dimensions: [[]], Metrics: declared }] };
  process.stdout.write(`${JSON.stringify({ _aws, ...fields, ...values })}\n`);
}
