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
 * The part of SNS that fauxqs lacks: text messages to phone numbers, kept in memory to be looked at. Numbers that end in
 * `000000` answer like an outage, `000001` like a reader who has answered STOP, `000002` like a limit, so that failures can be
 * tried.
 */
export class Sms {
  readonly #sent: TextMessage[] = [];

  /** The messages, oldest first. */
  all(): readonly TextMessage[] {
    return this.#sent;
  }

  /** The messages as a page to read, newest first. */
  page(): string {
    const rows = this.#sent
      .toReversed()
      .map(({ to, text, at }) => `<li><b>${escaped(to)}</b> <time>${escaped(at)}</time><p>${escaped(text)}</p></li>`);
    return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="5"><title>Text messages</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}ul{list-style:none;padding:0}li{border:1px solid #ccc;border-radius:.8rem;padding:.8rem 1rem;margin:1rem 0}p{margin:.4rem 0 0;overflow-wrap:anywhere}time{color:#666;font-size:.85rem}</style>
<h1>Text messages</h1>${rows.length === 0 ? '<p>None yet.</p>' : `<ul>${rows.join('')}</ul>`}</html>`;
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
    if (to.endsWith('000001')) return fault(400, 'InvalidParameter', `Invalid parameter: ${to} is opted out`);
    if (to.endsWith('000002')) return fault(400, 'Throttled', 'planted limit');
    this.#sent.push({ to, text, at: new Date().toISOString() });
    if (this.#sent.length > MOST_KEPT) this.#sent.shift();
    const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
    return { status: 200, body: `<PublishResponse>${result}${metadata()}</PublishResponse>` };
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function fault(status: number, code: string, message: string): SnsReply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>` };
}

function metadata(): string {
  return `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
}
