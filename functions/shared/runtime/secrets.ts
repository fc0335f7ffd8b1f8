import { request } from 'node:http';
import * as z from 'zod/mini';

import { MINUTE } from '../kernel/clock.ts';

/**
 * Secrets come from SSM through the Parameters-and-Secrets extension, which serves them on loopback; no
 * SDK client is bundled for it. Kept for a minute, so that a rotated key is seen soon, and only here: the
 * extension keeps nothing, so that a value can be read anew.
 */
const KEPT_MS = MINUTE;
const ANSWER_WITHIN_MS = 1_500;

const extensionAnswer = z.object({ Parameter: z.object({ Value: z.string() }) });

const kept = new Map<string, { readonly value: Promise<string>; readonly until: number }>();

/** The value of the SecureString parameter `name`. @throws when the extension refuses or does not answer */
export function readSecret(name: string): Promise<string> {
  const now = Date.now();
  const known = kept.get(name);
  if (known !== undefined && known.until > now) return known.value;
  const value = fetchParameter(name)
    .catch(() => fetchParameter(name))
    .catch((error: unknown) => {
      // A failed look-up must not be remembered for a minute; the value from before is still a good one.
      kept.delete(name);
      if (known !== undefined) return known.value;
      throw new SecretUnavailableError(`Parameter ${name} could not be read`, { cause: error });
    });
  kept.set(name, { value, until: now + KEPT_MS });
  return value;
}

/** How soon a value may be read anew once more, whoever asks: strangers can make a function ask. */
const REREAD_AFTER_MS = 10_000;

const rereads = new Map<string, { readonly done: Promise<void>; readonly at: number }>();

/**
 * As {@link readSecret}, but the value as it is now, for who has met something that the kept one does not know.
 * All who ask meanwhile wait for the same look-up; within ten seconds of it they get what is kept, as does
 * whoever asks while the extension does not answer.
 */
export async function rereadSecret(name: string): Promise<string> {
  const now = Date.now();
  let reread = rereads.get(name);
  if (reread === undefined || reread.at + REREAD_AFTER_MS <= now) {
    // What is kept serves everybody else until the new value is there.
    const done = fetchParameter(name).then(
      (value) => void kept.set(name, { value: Promise.resolve(value), until: Date.now() + KEPT_MS }),
      () => undefined,
    );
    reread = { done, at: now };
    rereads.set(name, reread);
  }
  await reread.done;
  return readSecret(name);
}

/** The extension did not give a secret, tried twice; nothing has been done, and clients see 503. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError';
}

async function fetchParameter(name: string): Promise<string> {
  const port = process.env['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] ?? '2773';
  const path = `/systemsmanager/parameters/get?name=${encodeURIComponent(name)}&withDecryption=true`;
  const body = await new Promise<string>((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path,
        timeout: ANSWER_WITHIN_MS,
        headers: { 'X-Aws-Parameters-Secrets-Token': process.env['AWS_SESSION_TOKEN'] ?? '' },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`Reading parameter ${name} failed with ${answer.statusCode ?? 0}`));
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error(`Reading parameter ${name} timed out`)));
    call.on('error', reject);
    call.end();
  });
  return z.parse(extensionAnswer, JSON.parse(body)).Parameter.Value;
}

/** The key in parameter `name`, of the kind `random-32-bytes`: 64 hex digits. @throws when it is anything else */
export async function readKey(name: string): Promise<Uint8Array> {
  const hex = await readSecret(name);
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error(`Parameter ${name} must hold 64 hex digits`);
  return Buffer.from(hex, 'hex');
}

const keyRing = z.object({ current: z.string(), keys: z.record(z.string(), z.string()) });

/** Keys that are live at once so that they can be rotated: new tokens use `current`. */
export interface KeyRing {
  readonly current: string;
  /** Key id → key bytes. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** The key ring kept in parameter `name` as `{"current": id, "keys": {id: hex}}`. */
export async function readKeyRing(name: string): Promise<KeyRing> {
  return parseKeyRing(await readSecret(name));
}

/** As {@link readKeyRing}, but the ring as it is now; see {@link rereadSecret}. */
export async function rereadKeyRing(name: string): Promise<KeyRing> {
  return parseKeyRing(await rereadSecret(name));
}

/**
 * The key `id` of the ring in parameter `name`. An id that the kept ring lacks may be a key that another function
 * uses already, so the ring is then read as it is now: a rotation turns nobody away.
 */
export async function readRingKey(name: string, id: string): Promise<Uint8Array | undefined> {
  const { keys } = await readKeyRing(name);
  return keys.get(id) ?? (await rereadKeyRing(name)).keys.get(id);
}

/** Reads the value of a key ring's parameter. @throws when it is none */
export function parseKeyRing(value: string): KeyRing {
  const ring = z.parse(keyRing, JSON.parse(value));
  return {
    current: ring.current,
    keys: new Map(Object.entries(ring.keys).map(([id, hex]) => [id, Buffer.from(hex, 'hex')])),
  };
}
