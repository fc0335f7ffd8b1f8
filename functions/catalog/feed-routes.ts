import * as z from 'zod/mini';

import { httpEnv, tableEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { id } from './fields.ts';

export const eventCalendar = route({
  id: 'eventCalendar',
  method: 'GET',
  path: '/api/events/{eventId}/calendar.ics',
  summary: 'A public event for calendars (RFC 5545)',
  access: { who: 'anyone' },
  params: z.strictObject({ eventId: id }),
  responses: { 200: null, 304: null },
  produces: 'text/calendar; charset=utf-8',
  problems: ['EVENT_NOT_FOUND'],
});

export const organizationCalendar = route({
  id: 'organizationCalendar',
  method: 'GET',
  path: '/api/organizations/{organizationId}/calendar.ics',
  summary: 'The public events of an organisation for calendars, to subscribe to (RFC 5545)',
  access: { who: 'anyone' },
  params: z.strictObject({ organizationId: id }),
  responses: { 200: null, 304: null },
  produces: 'text/calendar; charset=utf-8',
  problems: ['ORGANIZATION_NOT_FOUND'],
});

export const eventJsonLd = route({
  id: 'eventJsonLd',
  method: 'GET',
  path: '/api/events/{eventId}/jsonld',
  summary: 'A public event for search engines (schema.org Event)',
  access: { who: 'anyone' },
  params: z.strictObject({ eventId: id }),
  responses: { 200: null, 304: null },
  produces: 'application/ld+json; charset=utf-8',
  problems: ['EVENT_NOT_FOUND'],
});

export const sitemapIndex = route({
  id: 'sitemapIndex',
  method: 'GET',
  path: '/sitemap.xml',
  summary: 'The sitemaps there are, one for each month with events (sitemaps.org)',
  access: { who: 'anyone' },
  responses: { 200: null, 304: null },
  produces: 'application/xml; charset=utf-8',
  problems: [],
});

export const sitemapMonth = route({
  id: 'sitemapMonth',
  method: 'GET',
  path: '/sitemap/{month}',
  summary: 'The pages of the events of a month, such as 2026-12.xml (sitemaps.org)',
  access: { who: 'anyone' },
  params: z.strictObject({ month: z.string().check(z.regex(/^2\d{3}-(?:0[1-9]|1[0-2])\.xml$/)) }),
  responses: { 200: null, 304: null },
  produces: 'application/xml; charset=utf-8',
  problems: [],
});

/** What others read by machine. */
export const feedRoutes = [eventCalendar, organizationCalendar, eventJsonLd, sitemapIndex, sitemapMonth] as const;

export const feedsEnv = z.extend(httpEnv, tableEnv.shape);
