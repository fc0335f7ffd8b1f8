import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

import { problem, ProblemError } from '../kernel/problems.ts';
import type { Route } from './route.ts';

// zod/mini ships without messages; clients deserve sentences.
z.config(en());

/** Larger than any legitimate body: 60 seats with attendees, or an event with its description. */
const LARGEST_BODY_BYTES = 256 * 1024;

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
 * @throws ProblemError BODY_TOO_LARGE, NOT_JSON, MALFORMED_JSON or INVALID_INPUT with every fault found
 */
export function readInput(event: APIGatewayProxyEventV2, route: Route): Input {
  const rawBody = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  if (Buffer.byteLength(rawBody) > LARGEST_BODY_BYTES) {
    throw new ProblemError(problem('BODY_TOO_LARGE', `Send at most ${LARGEST_BODY_BYTES} bytes.`));
  }
  const faults: { path: string; message: string }[] = [];
  const check = (schema: z.ZodMiniType | undefined, value: unknown, where: string): unknown => {
    if (schema === undefined) return undefined;
    const parsed = z.safeParse(schema, value);
    if (parsed.success) return parsed.data;
    faults.push(
      ...parsed.error.issues.map((issue) => ({
        path: [where, ...issue.path.map(String)].filter(Boolean).join('.'),
        message: issue.message,
      })),
    );
    return undefined;
  };
  const params = check(route.params, event.pathParameters ?? {}, 'path');
  const query = check(route.query, event.queryStringParameters ?? {}, 'query');
  const body = route.body === undefined ? undefined : check(route.body, readJson(event, rawBody), '');
  if (faults.length > 0) {
    throw new ProblemError(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors: faults }));
  }
  return { params, query, body, rawBody };
}

function readJson(event: APIGatewayProxyEventV2, text: string): unknown {
  if (text === '') return {};
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(event.headers['content-type'] ?? '')) {
    throw new ProblemError(problem('NOT_JSON', 'Send the body with Content-Type: application/json.'));
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(problem('MALFORMED_JSON', 'The body cannot be read as JSON.'));
  }
}
