import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import type { Api } from '../cloudformation/schemas.ts';

type Cors = NonNullable<z.output<typeof Api>['CorsConfiguration']>;

/** The CORS headers of an answer to this request; empty when its origin is not allowed. */
export function corsHeaders(cors: Cors | undefined, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (cors === undefined || origin === undefined) return {};
  const any = cors.AllowOrigins.includes('*');
  const allowed = any || cors.AllowOrigins.some((each) => each === origin || wildcard(each, origin));
  if (!allowed) return {};
  return {
    'access-control-allow-origin': any && !cors.AllowCredentials ? '*' : origin,
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.ExposeHeaders.length === 0 ? {} : { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
  };
}

/** The further headers of an answer to a preflight request. */
export function preflightHeaders(cors: Cors): Record<string, string> {
  return {
    ...(cors.AllowMethods.length === 0 ? {} : { 'access-control-allow-methods': cors.AllowMethods.join(',') }),
    ...(cors.AllowHeaders.length === 0 ? {} : { 'access-control-allow-headers': cors.AllowHeaders.join(',') }),
    ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
  };
}

/** Origins like `https://*` match every host of the scheme. */
function wildcard(pattern: string, origin: string): boolean {
  return pattern.endsWith('://*') && origin.startsWith(pattern.slice(0, -1));
}
