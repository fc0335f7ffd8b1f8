import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

import { problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import { readSecret } from '../../shared/runtime/secrets.ts';
import { takeStripeEvent } from '../app/take-stripe-event.ts';
import { stripeWebhook, webhookEnv } from '../contract.ts';

const env = readEnv(webhookEnv);
const queue = new SQSClient({ maxAttempts: 2, requestHandler: { requestTimeout: 3_000 } });

export const handler = httpFunction({}, [
  serve(stripeWebhook, async ({ rawBody, headers, now, requestId }) => {
    // One secret, or several separated by spaces while they are being rotated.
    const secrets = (await readSecret(env.WEBHOOK_SECRET_PARAMETER)).split(' ');
    const taken = takeStripeEvent(rawBody, headers['stripe-signature'], secrets, now);
    if (!taken.ok) {
      logInfo('WEBHOOK_REFUSED', { requestId, reason: taken.error });
      return err(problem('INVALID_SIGNATURE', 'The event was not taken.'));
    }
    // Only when the queue has the event is it answered with 2xx; otherwise Stripe delivers it again.
    if (taken.value !== undefined) {
      await queue.send(
        new SendMessageCommand({ QueueUrl: env.PAYMENTS_QUEUE_URL, MessageBody: JSON.stringify(taken.value) }),
      );
    }
    return ok({ status: 200, body: { received: true } });
  }),
]);
