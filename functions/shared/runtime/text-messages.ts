import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import { err, ok, type Result } from '../kernel/result.ts';
import { failureOf, nameOf } from './provider-answers.ts';

/**
 * Why a text message was not sent. OPTED_OUT: its reader has answered STOP, which AWS keeps. UNUSABLE_NUMBER: SNS reaches no
 * such number. The others as for any provider. `reason` is the error's name, never its message, which quotes the number
 * (invariant I19).
 */
export interface TextNotSent {
  readonly code: 'OPTED_OUT' | 'UNUSABLE_NUMBER' | 'REFUSED' | 'THROTTLED' | 'UNKNOWN';
  readonly reason: string;
}

/** Hands a text to a phone number (E.164) exactly once, and answers the provider's message id. */
export type Texter = (to: string, text: string) => Promise<Result<string, TextNotSent>>;

/** Dollars that one message may cost at most: dearer destinations are what fraud on codes lives on. */
const MOST_USD = '0.30';

const UNUSABLE = new Set(['InvalidParameterException', 'InvalidParameter', 'ParameterValueInvalid']);
const OPTED_OUT = new Set(['OptedOutException', 'OptedOut']);

/** Sends through SNS, once: a message twice costs twice. The number goes nowhere but into this call. */
export function snsTexter(client: SNSClient = snsClient()): Texter {
  return async (to, text) => {
    const attribute = (StringValue: string, DataType = 'String') => ({ DataType, StringValue });
    try {
      const { MessageId = 'unnamed' } = await client.send(
        new PublishCommand({
          PhoneNumber: to,
          Message: text,
          MessageAttributes: {
            'AWS.SNS.SMS.SMSType': attribute('Transactional'),
            'AWS.SNS.SMS.MaxPrice': attribute(MOST_USD, 'Number'),
          },
        }),
      );
      return ok(MessageId);
    } catch (error) {
      return err({ code: codeOf(error), reason: nameOf(error) });
    }
  };
}

function codeOf(error: unknown): TextNotSent['code'] {
  const name = nameOf(error);
  // SNS says of some numbers only in words that they have opted out; the words are looked at and go no further.
  const optedOut = error instanceof Error && UNUSABLE.has(name) && /opted out/i.test(error.message);
  if (OPTED_OUT.has(name) || optedOut) return 'OPTED_OUT';
  return UNUSABLE.has(name) ? 'UNUSABLE_NUMBER' : failureOf(error);
}

/** A client that asks once: the SDK's own retries would send again what has been sent and whose answer was lost. */
function snsClient(): SNSClient {
  return new SNSClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: 5_000, connectionTimeout: 1_000, throwOnRequestTimeout: true },
  });
}
