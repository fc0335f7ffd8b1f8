import { ok } from '../shared/kernel/result.ts';
import { versionAsked } from '../shared/runtime/conditional.ts';
import { serveTo, type Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Table } from '../shared/table/client.ts';
import { createSeries, idsOf } from './app/create-series.ts';
import { editSeries } from './app/edit-series.ts';
import { setSeriesCodes } from './app/set-series-codes.ts';
import { setSeriesPricing } from './app/set-series-pricing.ts';
import { viewSeries } from './domain/series.ts';
import { ownedSeries } from './owned.ts';
import { findEvents } from './reads.ts';
import * as routes from './series-routes.ts';

/** The routes by which organizers make and change series, each with its use case. */
export function serveSeries(table: Table): readonly Served[] {
  return [
    serveTo(routes.createSeries, async ({ body: draft, session, headers, occasion }) => {
      const made = await createSeries(table, { draft, session, idempotencyKey: headers['idempotency-key'] }, occasion);
      if (!made.ok) return made;
      const { id: seriesId, version } = made.value;
      const tags = { location: `/api/series/${seriesId}`, etag: `"v${version}"` };
      return ok({ status: 201, body: { seriesId, series: made.value }, headers: tags });
    }),
    serveOwned(routes.getSeries, ownedSeries(table), async (_request, series) => {
      const body = viewSeries(series, await findEvents(table, idsOf(series)));
      return ok({ status: 200, body, headers: { etag: `"v${series.ver}"` } });
    }),
    serveOwned(routes.editSeries, ownedSeries(table), async ({ body, headers, occasion }, series) => {
      const target = { series, version: versionAsked(headers['if-match']) };
      const edited = await editSeries(table, target, body, occasion);
      return edited.ok
        ? ok({ status: 200, body: edited.value, headers: { etag: `"v${edited.value.series.version}"` } })
        : edited;
    }),
    serveOwned(routes.setSeriesCodes, ownedSeries(table), async ({ body, occasion }, series) => {
      const set = await setSeriesCodes(table, series, body, occasion);
      return set.ok ? ok({ status: 200, body: set.value }) : set;
    }),
    serveOwned(routes.setSeriesPricing, ownedSeries(table), async ({ body, occasion }, series) => {
      const set = await setSeriesPricing(table, series, body, occasion);
      return set.ok ? ok({ status: 200, body: set.value }) : set;
    }),
  ];
}
