import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import { err, ok, type Result } from '../shared/kernel/result.ts';

/** Why a text message was not sent. REFUSED: this number gets none. UNAVAILABLE: try again later. */
export type SmsNotSent = 'REFUSED' | 'UNAVAILABLE';

/** Hands a text to a phone number (E.164). */
export type SmsSender = (to: string, text: string) => Promise<Result<void, SmsNotSent>>;

/** Dollars that one message may cost at most: dearer destinations are what fraud on codes lives on. */
const MOST_USD = '0.30';

/** What SNS says of a number that it will never reach. */
const REFUSED = new Set([
  'InvalidParameterException',
  'InvalidParameter',
  'ParameterValueInvalid',
  'OptedOutException',
  'OptedOut',
]);

/**
 * Sends through SNS, once: a message twice costs twice, and the person can ask again. The number goes nowhere
 * but into this call; no error of SNS is passed on, for it may quote the number (invariant I19).
 */
export function snsSender(client: SNSClient = snsClient()): SmsSender {
  return async (to, text) => {
    const attribute = (StringValue: string, DataType = 'String') => ({ DataType, StringValue });
    try {
      await client.send(
        new PublishCommand({
          PhoneNumber: to,
          Message: text,
          MessageAttributes: {
            'AWS.SNS.SMS.SMSType': attribute('Transactional'),
            'AWS.SNS.SMS.MaxPrice': attribute(MOST_USD, 'Number'),
          },
        }),
      );
      return ok(undefined);
    } catch (error) {
      return err(error instanceof Error && REFUSED.has(error.name) ? 'REFUSED' : 'UNAVAILABLE');
    }
  };
}

function snsClient(): SNSClient {
  return new SNSClient({ maxAttempts: 1, requestHandler: { requestTimeout: 5_000, connectionTimeout: 1_000 } });
}
