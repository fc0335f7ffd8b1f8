import { readRoutes } from '../../functions/catalog/contract.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { routeKey } from '../../functions/shared/runtime/route.ts';

/** The functions of the catalogue as one handler, as API Gateway makes them one API. */
export async function catalogHandlers(): Promise<HttpHandler> {
  const reads = new Set(readRoutes.map(routeKey));
  const { handler: read } = await import('../../functions/catalog/handlers/http-catalog.ts');
  const { handler: organize } = await import('../../functions/catalog/handlers/http-organize.ts');
  return (event, context) => (reads.has(event.routeKey) ? read(event, context) : organize(event, context));
}
