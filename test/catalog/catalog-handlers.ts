import { readRoutes } from '../../functions/catalog/contract.ts';
import { pricingRoutes } from '../../functions/pricing/contract.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { routeKey } from '../../functions/shared/runtime/route.ts';

/** The functions of the catalogue and its pricing as one handler, as API Gateway makes them one API. */
export async function catalogHandlers(): Promise<HttpHandler> {
  const reads = new Set(readRoutes.map(routeKey));
  const prices = new Set(pricingRoutes.map(routeKey));
  const { handler: read } = await import('../../functions/catalog/handlers/http-catalog.ts');
  const { handler: organize } = await import('../../functions/catalog/handlers/http-organize.ts');
  const { handler: price } = await import('../../functions/pricing/handlers/http-pricing.ts');
  return (event, context) => {
    if (reads.has(event.routeKey)) return read(event, context);
    return prices.has(event.routeKey) ? price(event, context) : organize(event, context);
  };
}
