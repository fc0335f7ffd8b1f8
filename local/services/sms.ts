import { randomUUID } from 'node:crypto';

/** A text message that was handed to SNS. */
export interface TextMessage {
  /** E.164, such as `+4915112345678`. */
  readonly to: string;
  readonly text: string;
  /** RFC 3339. */
  readonly at: string;
}

/** An answer in SNS's query protocol. */
export interface SnsReply {
  readonly status: number;
  readonly body: string;
}

/** Old ones go: nobody looks for the code of an hour ago. */
const MOST_KEPT = 1_000;
/** What AWS takes for one message (1,600 characters over several parts). */
const LONGEST_TEXT = 1_600;
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * The part of SNS that fauxqs lacks: text messages to phone numbers, kept in memory to be looked at. Numbers
 * ending in `000000` answer like an outage, so that failures can be tried.
 */
export class Sms {
  readonly #sent: TextMessage[] = [];

  /** The messages, oldest first. */
  all(): readonly TextMessage[] {
    return this.#sent;
  }

  /** `Publish` with `PhoneNumber`, or undefined where the request is no text message. */
  publish(form: URLSearchParams): SnsReply | undefined {
    const to = form.get('PhoneNumber');
    if (form.get('Action') !== 'Publish' || to === null) return undefined;
    const text = form.get('Message') ?? '';
    if (!E164.test(to) || text === '' || text.length > LONGEST_TEXT) {
      return fault(400, 'InvalidParameter', 'Invalid parameter: PhoneNumber or Message');
    }
    if (to.endsWith('000000')) return fault(503, 'ServiceUnavailable', 'planted outage');
    this.#sent.push({ to, text, at: new Date().toISOString() });
    if (this.#sent.length > MOST_KEPT) this.#sent.shift();
    const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
    return { status: 200, body: `<PublishResponse>${result}${metadata()}</PublishResponse>` };
  }
}

function fault(status: number, code: string, message: string): SnsReply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>` };
}

function metadata(): string {
  return `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
}
