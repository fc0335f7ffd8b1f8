import type { Statement } from '../iam/match.ts';
import type { RecordedUse } from '../iam/policies.ts';
import type { RequestScope } from './requests.ts';

/** What a worker thread is started with. */
export interface WorkerData {
  readonly functionName: string;
  readonly functionArn: string;
  /** Absolute directory of the asset and handler string, like `index.handler`. */
  readonly codeDirectory: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly statements: readonly Statement[];
  readonly scope: RequestScope;
}

/** An invocation sent to a worker; times are epoch milliseconds. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly event: string;
  readonly deadline: number;
}

/** An error as Lambda reports it in the payload of a failed invocation. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What a worker says. `broken` comes before it exits by itself. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'failure'; readonly error: ReportedError }
  | { readonly kind: 'broken'; readonly error: ReportedError }
  | { readonly kind: 'use'; readonly use: Omit<RecordedUse, 'principal'> };
