import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

import type { Instant } from '../kernel/clock.ts';
import { problem, ProblemError } from '../kernel/problems.ts';
import { refuseCardNumbers } from './card-numbers.ts';
import type { Route } from './route.ts';

// zod/mini ships without messages; clients deserve sentences.
z.config(en());

/** Larger than any legitimate body: 60 seats with attendees, or an event with its description. */
const LARGEST_BODY_BYTES = 256 * 1024;

/** How a body that is packed announces itself. */
const GZIP = /^\s*(?:application\/)?(?:x-)?gzip\s*$/i;

/** The validated parts of a request. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly rawBody: string;
}

/**
 * Reads and validates what `route` declares of `event`.
 *
 * @throws ProblemError BODY_TOO_LARGE, NOT_JSON, MALFORMED_JSON, CARD_NUMBER_REFUSED or INVALID_INPUT with every
 *   fault found
 */
export function readInput(event: APIGatewayProxyEventV2, route: Route, now: Instant): Input {
  const rawBody = readBody(event, route);
  const json = route.body === undefined ? undefined : readJson(event, rawBody, route);
  if (route.rawBody !== true)
    refuseCardNumbers({ '': json ?? rawBody, query: event.queryStringParameters ?? {} }, rawBody);
  const faults: { path: string; message: string }[] = [];
  const tell = (where: string, found: readonly { path: readonly PropertyKey[]; message: string }[]): void => {
    for (const { path, message } of found)
      faults.push({ path: [where, ...path.map(String)].filter(Boolean).join('.'), message });
  };
  const check = (schema: z.ZodMiniType | undefined, value: unknown, where: string): unknown => {
    if (schema === undefined) return undefined;
    const parsed = z.safeParse(schema, value);
    if (parsed.success) return parsed.data;
    tell(where, parsed.error.issues);
    return undefined;
  };
  const params = check(route.params, event.pathParameters ?? {}, 'path');
  const query = check(route.query, event.queryStringParameters ?? {}, 'query');
  const body = route.body === undefined ? undefined : check(route.body, json, '');
  if (faults.length > 0) {
    tell('', route.faultsAt?.(json, now) ?? []);
    // A schema may find the same fault by two of its checks; a client hears of it once.
    const errors = [...new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault])).values()];
    throw new ProblemError(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors }));
  }
  return { params, query, body, rawBody };
}

/**
 * The ids in the path of `event`, once they are what `route` declares: the part of a request that its policy is
 * judged by before the rest is read. Undefined when they are malformed, which {@link readInput} then tells.
 */
export function readPathIds(
  event: APIGatewayProxyEventV2,
  route: Route,
): Readonly<Record<string, string | undefined>> | undefined {
  const ids = event.pathParameters ?? {};
  return route.params === undefined || z.safeParse(route.params, ids).success ? ids : undefined;
}

/** The body as text, within what `route` takes. */
function readBody(event: APIGatewayProxyEventV2, { largeBody }: Route): string {
  const most = largeBody?.mostBytes ?? LARGEST_BODY_BYTES;
  const given = event.body ?? '';
  if (!event.isBase64Encoded) {
    if (Buffer.byteLength(given) > most) throw tooLarge(most);
    return given;
  }
  const bytes = Buffer.from(given, 'base64');
  // A gateway may have unpacked what says that it is packed: the first bytes tell.
  const packed = largeBody !== undefined && isPacked(event) && bytes[0] === 0x1f && bytes[1] === 0x8b;
  const body = packed ? unpacked(bytes, most) : bytes;
  if (body.length > most) throw tooLarge(most);
  return body.toString('utf8');
}

function isPacked({ headers }: APIGatewayProxyEventV2): boolean {
  return GZIP.test(headers['content-encoding'] ?? '') || GZIP.test(headers['content-type'] ?? '');
}

/** @throws ProblemError BODY_TOO_LARGE as soon as more than `most` bytes come out, MALFORMED_JSON for damage */
function unpacked(bytes: Buffer, most: number): Buffer {
  try {
    // Asked for here and not imported: hot functions take no packed bodies and need not load it.
    return process.getBuiltinModule('node:zlib').gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(most);
    throw new ProblemError(problem('MALFORMED_JSON', 'The body cannot be unpacked as gzip.'));
  }
}

function tooLarge(most: number): ProblemError {
  return new ProblemError(problem('BODY_TOO_LARGE', `Send at most ${most} bytes.`));
}

function readJson(event: APIGatewayProxyEventV2, text: string, { largeBody }: Route): unknown {
  if (text === '') return {};
  const type = event.headers['content-type'] ?? '';
  const asGzip = largeBody !== undefined && GZIP.test(type);
  if (!asGzip && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new ProblemError(problem('NOT_JSON', 'Send the body with Content-Type: application/json.'));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(problem('MALFORMED_JSON', 'The body cannot be read as JSON.'));
  }
}
