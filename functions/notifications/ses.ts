import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';

import { err, ok } from '../shared/kernel/result.ts';
import type { Mailer } from './ports.ts';

/** Longer than SES ever takes in practice; within the function's own time. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * An SES client that asks once: the SDK's own retries would send a mail again whose first answer was lost
 * (invariant I9).
 */
export function sesClient(): SESClient {
  return new SESClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: ANSWER_WITHIN_MS, connectionTimeout: 2_000, throwOnRequestTimeout: true },
  });
}

/**
 * Sends through SES.
 *
 * @param sender the address that the mail comes from
 * @param configurationSet publishes delivery events that carry our notification id; empty for none
 */
export function sesMailer(client: SESClient, sender: string, configurationSet: string): Mailer {
  const published =
    configurationSet === ''
      ? () => ({})
      : (id: string) => ({ ConfigurationSetName: configurationSet, Tags: [{ Name: 'notification', Value: id }] });
  return async ({ to, raw, notificationId }) => {
    try {
      const { MessageId } = await client.send(
        new SendRawEmailCommand({
          Source: sender,
          Destinations: [to],
          RawMessage: { Data: raw },
          ...published(notificationId),
        }),
      );
      return ok(MessageId ?? 'unnamed');
    } catch (error) {
      return err({
        code: definitelyRefused(error) ? 'REFUSED' : 'UNKNOWN',
        reason: error instanceof Error ? error.name : 'unknown',
      });
    }
  };
}

const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** A 4xx answer (throttling is one) or a connection that was never made; all else may have been taken. */
function definitelyRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && NEVER_REACHED.has(String(error.code))) return true;
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408;
}
