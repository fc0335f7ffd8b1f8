import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { organizationNames } from '../../organizations/reads.ts';
import { calendarOf } from '../domain/calendar.ts';
import { jsonLdOf } from '../domain/json-ld.ts';
import { isPublic } from '../domain/lifecycle.ts';
import { monthsFrom, sitemapIndexOf, sitemapOf } from '../domain/sitemap.ts';
import { findEvent, pageOfOrganizationEvents, publishedInMonth } from '../reads.ts';
import { availabilityOf, eventNotFound } from './show-events.ts';
import type { EventRecord } from '../domain/event.ts';

/** Public events of an organisation that its calendar holds, newest first. */
const CALENDAR_EVENTS = 300;
/** Pages that it looks through for them: drafts without end must not make one request read them all. */
const CALENDAR_PAGES = 10;
/** Months that sitemaps reach ahead. */
const SITEMAP_MONTHS = 24;
/** Pages in one sitemap; the protocol takes 50,000, an answer of ours six megabytes. */
const SITEMAP_PAGES = 20_000;

const pagesAt = (publicUrl: string) => (eventId: string) => `${publicUrl}/events/${eventId}`;

/** A public event as a calendar. @returns EVENT_NOT_FOUND, also for drafts: a calendar has no session */
export async function showCalendar(table: Table, eventId: string, publicUrl: string): Promise<Result<string, Problem>> {
  const found = await findPublic(table, eventId);
  return found.ok ? ok(calendarOf(found.value.title, [found.value], pagesAt(publicUrl))) : found;
}

/** The public events of an organisation as a calendar to subscribe to. */
export async function showOrganizationCalendar(
  table: Table,
  organizationId: string,
  publicUrl: string,
): Promise<Result<string, Problem>> {
  const [names, events] = await Promise.all([
    organizationNames(table, [organizationId]),
    newestPublic(table, organizationId),
  ]);
  const name = names.get(organizationId);
  if (name === undefined && events.length === 0)
    return err(problem('ORGANIZATION_NOT_FOUND', 'There is no such organisation.'));
  const shown = events.toSorted((left, right) => left.startsAt - right.startsAt);
  return ok(calendarOf(name ?? 'Events', shown, pagesAt(publicUrl)));
}

async function newestPublic(table: Table, organizationId: string): Promise<readonly EventRecord[]> {
  const shown: EventRecord[] = [];
  let after: string | undefined;
  for (let page = 1; page <= CALENDAR_PAGES; page += 1) {
    const { events, next } = await pageOfOrganizationEvents(table, organizationId, CALENDAR_EVENTS, after);
    shown.push(...events.filter(({ status }) => isPublic(status)));
    if (next === undefined || shown.length >= CALENDAR_EVENTS) break;
    after = next;
  }
  return shown.slice(0, CALENDAR_EVENTS);
}

/** A public event in schema.org's words. */
export async function showJsonLd(
  table: Table,
  eventId: string,
  publicUrl: string,
  now: Instant,
): Promise<Result<string, Problem>> {
  const found = await findPublic(table, eventId);
  if (!found.ok) return found;
  const event = found.value;
  const [availability, names] = await Promise.all([
    availabilityOf(table, [event]),
    organizationNames(table, [event.organizationId]),
  ]);
  return ok(jsonLdOf(event, { availability, organizer: names.get(event.organizationId), now, publicUrl }));
}

/** The months ahead that have published events. */
export async function showSitemapIndex(table: Table, publicUrl: string, now: Instant): Promise<string> {
  const months = await Promise.all(
    monthsFrom(now, SITEMAP_MONTHS).map(async (month) =>
      (await publishedInMonth(table, month, 1)).length > 0 ? [month] : [],
    ),
  );
  return sitemapIndexOf(months.flat(), publicUrl);
}

/** The pages of the published events of a month such as `2026-12`. */
export async function showSitemap(table: Table, month: string, publicUrl: string): Promise<string> {
  const events = await publishedInMonth(table, month, SITEMAP_PAGES);
  return sitemapOf(events.map(({ eventId, at }) => ({ url: pagesAt(publicUrl)(eventId), changedAt: at })));
}

async function findPublic(table: Table, eventId: string): Promise<Result<EventRecord, Problem>> {
  const event = await findEvent(table, eventId);
  return event !== undefined && isPublic(event.status) ? ok(event) : err(eventNotFound());
}
