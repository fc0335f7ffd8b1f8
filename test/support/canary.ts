import { createHash } from 'node:crypto';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';

import { getJson } from './json.ts';
import { paymentLedger, systemRows } from './shop.ts';

/** Something that must be found nowhere, by the name under which a test speaks of it. */
export type Canaries = Readonly<Record<string, string>>;

/** A place where things are kept, as one text. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/**
 * The forms in which `text` may hide: as it is, escaped as JSON, URL or form do, in hexadecimal, in Base64 of any
 * alignment, and as a hash without a key, which tells an address to whoever guesses it.
 */
export function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  // What Base64 makes of the text alone, wherever it begins within a longer one: without the characters at either end
  // that its neighbours share.
  const base64 = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return padded.slice(before === 0 ? 0 : before + 1, padded.length - ((before + bytes.length) % 3 === 0 ? 0 : 1));
  });
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    asciiJson(text),
    encodeURIComponent(text),
    new URLSearchParams({ x: text }).toString().slice(2),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
    ...(['hex', 'base64', 'base64url'] as const).map((encoding) =>
      createHash('sha256').update(text.toLowerCase()).digest(encoding).slice(0, 40),
    ),
  ];
  return [...new Set(forms.map((form) => form.toLowerCase()))];
}

function asciiJson(text: string): string {
  return text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Every canary that is in a place, with an extract. Spelling in upper or lower case makes no difference. */
export function findCanaries(canaries: Canaries, places: readonly Place[]): readonly string[] {
  const forms = Object.entries(canaries).flatMap(([name, text]) => formsOf(text).map((form) => ({ name, form })));
  return places.flatMap(({ name: place, text }) => {
    const lower = text.toLowerCase();
    return forms.flatMap(({ name, form }) => {
      const at = lower.indexOf(form);
      return at < 0 ? [] : [`${name} in ${place}: …${text.slice(Math.max(0, at - 60), at + form.length + 20)}…`];
    });
  });
}

/** A value as text that hides nothing: bytes are read as Latin-1, sets as lists. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (member instanceof Set) return [...member];
    if (member instanceof Uint8Array) return Buffer.from(member).toString('latin1');
    return member;
  });
}

const control = <T>(path: string): Promise<T> => getJson<T>(`${inject('system').controlUrl}/_local/${path}`);

/** The rows of the table. */
export async function rowPlaces(): Promise<readonly Place[]> {
  const rows = await systemRows();
  return rows.map((row) => ({ name: `row ${String(row['pk'])} ${String(row['sk'])}`, text: asText(row) }));
}

/** Whatever was sent to queues, and what lies in them, dead letters included. */
export async function queuePlaces(): Promise<readonly Place[]> {
  const sent = await control<readonly { readonly queue: string; readonly body: string }[]>('messages');
  const queues = await control<readonly { readonly name: string }[]>('queues');
  const lying = await Promise.all(
    queues.map(async ({ name }) => {
      const bodies = await control<readonly string[]>(`queues/${encodeURIComponent(name)}/messages`);
      return bodies.map((text) => ({ name: `queue ${name}`, text }));
    }),
  );
  return [...sent.map(({ queue, body }) => ({ name: `message to ${queue}`, text: body })), ...lying.flat()];
}

/** What functions logged. */
export async function logPlaces(): Promise<readonly Place[]> {
  const functions = await control<readonly { readonly name: string }[]>('functions');
  return Promise.all(
    functions.map(async ({ name }) => ({
      name: `log of ${name}`,
      text: (await control<readonly string[]>(`functions/${encodeURIComponent(name)}/logs`)).join('\n'),
    })),
  );
}

/** Executions of state machines, with their histories. */
export async function executionPlaces(): Promise<readonly Place[]> {
  const executions = await control<readonly { readonly executionArn: string }[]>('executions');
  return executions.map((execution) => ({ name: execution.executionArn, text: asText(execution) }));
}

/** Objects of every bucket: failed records, snapshots, the register. */
export async function objectPlaces(): Promise<readonly Place[]> {
  const s3 = new S3Client({ forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const found = await Promise.all(
    Buckets.map(async ({ Name: Bucket = '' }) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return Promise.all(
        Contents.map(async ({ Key = '' }) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          return { name: `object ${Bucket}/${Key}`, text: `${Key} ${(await Body?.transformToString('latin1')) ?? ''}` };
        }),
      );
    }),
  );
  return found.flat();
}

/** What the payment provider knows. */
export async function providerPlaces(): Promise<readonly Place[]> {
  return [{ name: 'the payment provider', text: asText(await paymentLedger()) }];
}

/** Everywhere that is not the table. */
export async function placesBesideTheTable(): Promise<readonly Place[]> {
  const found = await Promise.all([queuePlaces(), logPlaces(), executionPlaces(), objectPlaces(), providerPlaces()]);
  return found.flat();
}
