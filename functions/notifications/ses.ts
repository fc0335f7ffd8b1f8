import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';

import { err, ok, type Result } from '../shared/kernel/result.ts';
import { failureOf, nameOf } from '../shared/runtime/provider-answers.ts';
import type { Mailer, NotSent, OutgoingMail } from './ports.ts';

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

/** Tries while SES asks to slow down: its answer says for certain that it took nothing. */
const TRIES = 6;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 4_000;

/**
 * Sends through SES. A throttled mail is tried again with growing, random pauses, about 10 s in all: the
 * list of retries would only bring it back after minutes.
 *
 * @param sender the address that the mail comes from
 * @param configurationSet publishes delivery events that carry our notification id; empty for none
 * @param pause waits so many milliseconds
 */
export function sesMailer(
  client: SESClient,
  sender: string,
  configurationSet: string,
  pause: (milliseconds: number) => Promise<void> = sleep,
): Mailer {
  const send = async ({ to, raw, notificationId, tags }: OutgoingMail): Promise<Result<string, NotSent>> => {
    const published =
      configurationSet === ''
        ? {}
        : {
            ConfigurationSetName: configurationSet,
            Tags: Object.entries({ notification: notificationId, ...tags }).map(([Name, Value]) => ({ Name, Value })),
          };
    try {
      const command = new SendRawEmailCommand({
        Source: sender,
        Destinations: [to],
        RawMessage: { Data: raw },
        ...published,
      });
      return ok((await client.send(command)).MessageId ?? 'unnamed');
    } catch (error) {
      return err({ code: failureOf(error), reason: nameOf(error) });
    }
  };
  return async (mail) => {
    for (let attempt = 1; ; attempt += 1) {
      const sent = await send(mail);
      if (sent.ok || attempt === TRIES || sent.error.code !== 'THROTTLED') return sent;
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
    }
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
