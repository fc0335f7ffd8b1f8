import { connect, constants, type ClientHttp2Session } from 'node:http2';

import type { AppleAccount } from './apple-account.ts';

const APPLE = 'https://api.push.apple.com';
const ANSWER_WITHIN_MS = 5_000;

/** What became of a push: taken, the device has the pass no longer, or not known. */
export type Pushed = 'TAKEN' | 'GONE' | 'FAILED';

/**
 * Apple's push service (HTTP/2), which lets in whoever has the key of the pass type's certificate. A push says nothing but
 * that something has changed; the phone then asks us what (https://developer.apple.com/documentation/walletpasses/adding-a-web-service-to-update-passes).
 */
export class ApplePush {
  readonly #session: ClientHttp2Session;
  readonly #topic: string;

  /** @param url where the service is; empty for Apple's own */
  constructor(account: AppleAccount, url: string) {
    this.#topic = account.passTypeIdentifier;
    this.#session = connect(url === '' ? APPLE : url, { key: account.key, cert: account.certificate });
    // Each push learns of it by its own stream.
    this.#session.on('error', () => undefined);
  }

  /** Tells the device with `token`. Never rejects. */
  push(token: string): Promise<Pushed> {
    return new Promise((resolve) => {
      if (this.#session.destroyed || this.#session.closed) {
        resolve('FAILED');
        return;
      }
      const stream = this.#session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `/3/device/${token}`,
        'apns-topic': this.#topic,
      });
      let [status, body] = [0, ''];
      stream.setEncoding('utf8');
      stream.setTimeout(ANSWER_WITHIN_MS, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.on('data', (part: string) => (body += part.slice(0, 1_000)));
      stream.on('error', () => resolve('FAILED'));
      stream.on('close', () => resolve(outcomeOf(status, body)));
      stream.end('{}');
    });
  }

  close(): void {
    this.#session.close();
  }
}

/** 410 says that the token is of no device any more; so does a refusal of the token itself. */
function outcomeOf(status: number, body: string): Pushed {
  if (status === 200) return 'TAKEN';
  return status === 410 || (status === 400 && /BadDeviceToken|DeviceTokenNotForTopic/.test(body)) ? 'GONE' : 'FAILED';
}
