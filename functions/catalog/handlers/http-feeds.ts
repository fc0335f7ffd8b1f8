import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerFile } from '../answers.ts';
import {
  showCalendar,
  showJsonLd,
  showOrganizationCalendar,
  showSitemap,
  showSitemapIndex,
} from '../app/show-feeds.ts';
import * as routes from '../feed-routes.ts';

const { TABLE_NAME, PUBLIC_URL } = readEnv(routes.feedsEnv);
const table = openTable(TABLE_NAME);

/** What machines read of public events; it knows no sessions, so it can show nobody's drafts. */
export const handler = httpFunction({}, [
  serve(routes.eventCalendar, async ({ params: { eventId }, headers }) =>
    answerFile(routes.eventCalendar, await showCalendar(table, eventId, PUBLIC_URL), headers),
  ),
  serve(routes.organizationCalendar, async ({ params: { organizationId }, headers }) =>
    answerFile(routes.organizationCalendar, await showOrganizationCalendar(table, organizationId, PUBLIC_URL), headers),
  ),
  serve(routes.eventJsonLd, async ({ params: { eventId }, headers, now }) =>
    // It tells what can still be bought, as the event itself does.
    answerFile(routes.eventJsonLd, await showJsonLd(table, eventId, PUBLIC_URL, now), headers, 'live'),
  ),
  serve(routes.sitemapIndex, async ({ headers, now }) =>
    answerFile(routes.sitemapIndex, { ok: true, value: await showSitemapIndex(table, PUBLIC_URL, now) }, headers),
  ),
  serve(routes.sitemapMonth, async ({ params: { month }, headers }) =>
    answerFile(
      routes.sitemapMonth,
      { ok: true, value: await showSitemap(table, month.slice(0, 7), PUBLIC_URL) },
      headers,
    ),
  ),
]);
