import type { MatrixRow, MatrixWorld } from './matrix-rows.ts';
import { somePng, uploadPicture } from './pictures.ts';

const DRAFT = {
  title: 'Matrix Draft',
  description: '',
  category: 'music',
  startsAt: new Date(Date.now() + 40 * 24 * 3_600_000).toISOString(),
  timeZone: 'Europe/Berlin',
  ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 10 }],
};

/** A draft of the organisation. */
export async function createDraft({ organizer, organizationId }: MatrixWorld): Promise<string> {
  const created = await organizer.call('POST', '/api/events', { ...DRAFT, organizationId });
  if (created.status !== 201) throw new Error(`Drafting: ${created.text}`);
  return created.json.eventId;
}

/** The address of a picture of a draft of the organisation. */
async function shownPicture(world: MatrixWorld): Promise<string> {
  const eventId = await createDraft(world);
  await uploadPicture(world.organizer, eventId, 'image/png', somePng());
  const { image } = (await world.organizer.call('GET', `/api/events/${eventId}`)).json;
  return image.sizes[0].webp;
}

/** A published event of the organisation, of which nothing is sold. */
async function publishNew(world: MatrixWorld): Promise<string> {
  const eventId = await createDraft(world);
  const published = await world.organizer.call('POST', `/api/events/${eventId}/publish`, {});
  if (published.status !== 200) throw new Error(`Publishing: ${published.text}`);
  return eventId;
}

const SERIES = {
  title: 'Matrix Series',
  description: '',
  category: 'music',
  timeZone: 'Europe/Berlin',
  startsAtLocal: '2090-07-01T20:00',
  rrule: 'FREQ=WEEKLY;COUNT=2',
  ticketTypes: DRAFT.ticketTypes,
};

async function draftSeries({ organizer, organizationId }: MatrixWorld): Promise<string> {
  const created = await organizer.call('POST', '/api/series', { ...SERIES, organizationId });
  if (created.status !== 201) throw new Error(`Drafting a series: ${created.text}`);
  return created.json.seriesId;
}

/** A ticket type of a draft of the organisation, beside another one. */
async function createType(world: MatrixWorld, as: { readonly hidden?: true } = {}): Promise<string> {
  const added = await world.organizer.call('POST', `/api/events/${await createDraft(world)}/ticket-types`, {
    name: 'Balcony',
    price: { amount: 2_000, currency: 'EUR' },
    quantity: 10,
    ...as,
  });
  if (added.status !== 201) throw new Error(`Adding a ticket type: ${added.text}`);
  return added.json.id;
}

/** The rows of the routes of events, their ticket types, series, pictures and feeds. */
export const CATALOG_ROWS: Readonly<Record<string, MatrixRow>> = {
  createEvent: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: '/api/events', body: { ...DRAFT, organizationId } }),
  },
  suggestEvents: { request: () => ({ path: '/api/events/suggestions?q=jazz' }) },
  publishEvent: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/events/${await createDraft(world)}/publish`, body: {} }),
  },
  unpublishEvent: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/events/${await publishNew(world)}/unpublish`, body: {} }),
  },
  rescheduleEvent: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({
      path: `/api/events/${await publishNew(world)}/reschedule`,
      body: { startsAt: '2090-07-01T18:00:00Z' },
    }),
  },
  cancelEvent: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({
      path: `/api/events/${await publishNew(world)}/cancel`,
      body: { reason: 'The hall is flooded' },
    }),
  },
  getCancellation: {
    hidden: 'EVENT_NOT_FOUND',
    request: async (world) => {
      const eventId = await publishNew(world);
      const begun = await world.organizer.call('POST', `/api/events/${eventId}/cancel`, { reason: 'Flood' });
      if (begun.status !== 202) throw new Error(`Cancelling: ${begun.text}`);
      return { path: `/api/events/${eventId}/cancellation` };
    },
  },
  getCancellationReceipt: {
    hidden: 'EVENT_NOT_FOUND',
    // Nobody has bought anything: only who may see the event learns that there is nothing to tell.
    reached: 'CANCELLATION_NOT_FOUND',
    request: async (world) => ({ path: `/api/events/${await publishNew(world)}/cancellation/receipt.csv` }),
  },
  uploadImage: {
    hidden: 'EVENT_NOT_FOUND',
    request: async (world) => ({
      path: `/api/events/${await createDraft(world)}/image`,
      body: { contentType: 'image/png', bytes: 1_000 },
    }),
  },
  getImage: { request: async (world) => ({ path: await shownPicture(world) }) },
  editEvent: {
    hidden: 'EVENT_NOT_FOUND',
    request: async (world) => ({
      path: `/api/events/${await createDraft(world)}`,
      body: { title: 'Edited' },
      headers: { 'if-match': '*' },
    }),
  },
  deleteEvent: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/events/${await createDraft(world)}` }),
  },
  archiveEvent: {
    hidden: 'EVENT_NOT_FOUND',
    request: async (world) => ({ path: `/api/events/${await createDraft(world)}/archive`, body: {} }),
  },
  duplicateEvent: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId }) => ({ path: `/api/events/${eventId}/duplicate`, body: {} }),
  },
  featureEvent: { request: ({ eventId }) => ({ path: `/api/events/${eventId}/featured`, body: { featured: true } }) },
  addTicketType: {
    hidden: 'EVENT_NOT_FOUND',
    once: true,
    request: async (world) => ({
      path: `/api/events/${await createDraft(world)}/ticket-types`,
      body: { name: 'Balcony', price: { amount: 2_000, currency: 'EUR' }, quantity: 10 },
    }),
  },
  editTicketType: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: async (world) => ({
      path: `/api/ticket-types/${await createType(world)}`,
      body: { quantity: 20 },
      headers: { 'if-match': '*' },
    }),
  },
  getStock: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/stock` }),
  },
  getStockAudit: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId }) => ({ path: `/api/events/${eventId}/stock-audit` }),
  },
  blockTickets: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/blocked`, body: { quantity: 1 } }),
  },
  spreadStock: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/pace`, body: { holdsPerSecond: 20 } }),
  },
  setAccessCodes: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: async (world) => ({
      path: `/api/ticket-types/${await createType(world, { hidden: true })}/access-codes`,
      body: { codes: ['harbour club'] },
    }),
  },
  deleteTicketType: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/ticket-types/${await createType(world)}` }),
  },
  listPrices: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/prices` }),
  },
  getPricing: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/pricing` }),
  },
  setPricing: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: async (world) => ({
      path: `/api/ticket-types/${await createType(world)}/pricing`,
      body: { tiers: [{ afterSold: 5, price: 3_000 }] },
    }),
  },
  previewPrice: {
    hidden: 'TICKET_TYPE_NOT_FOUND',
    request: ({ ticketTypeId }) => ({ path: `/api/ticket-types/${ticketTypeId}/pricing/preview`, body: { sold: 5 } }),
  },
  getEventCharges: {
    hidden: 'EVENT_NOT_FOUND',
    request: ({ eventId }) => ({ path: `/api/events/${eventId}/charges` }),
  },
  setEventCharges: {
    hidden: 'EVENT_NOT_FOUND',
    request: async (world) => ({
      path: `/api/events/${await createDraft(world)}/charges`,
      body: { charges: [{ name: 'VAT', kind: 'TAX', rateBp: 1_900, included: true }] },
    }),
  },
  getOrganizationCharges: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/charges` }),
  },
  setOrganizationCharges: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/charges`, body: { charges: [] } }),
  },
  listOrganizationEvents: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/events` }),
  },
  createSeries: {
    hidden: 'ORGANIZATION_NOT_FOUND',
    request: ({ organizationId }) => ({ path: '/api/series', body: { ...SERIES, organizationId } }),
  },
  getSeries: {
    hidden: 'SERIES_NOT_FOUND',
    request: async (world) => ({ path: `/api/series/${await draftSeries(world)}` }),
  },
  editSeries: {
    hidden: 'SERIES_NOT_FOUND',
    request: async (world) => ({
      path: `/api/series/${await draftSeries(world)}`,
      body: { title: 'Edited' },
      headers: { 'if-match': '*' },
    }),
  },
  setSeriesCodes: {
    hidden: 'SERIES_NOT_FOUND',
    request: async (world) => ({
      path: `/api/series/${await draftSeries(world)}/access-codes`,
      body: { ticketType: 'Standing', codes: ['harbour club'] },
    }),
  },
  setSeriesPricing: {
    hidden: 'SERIES_NOT_FOUND',
    request: async (world) => ({
      path: `/api/series/${await draftSeries(world)}/pricing`,
      body: { ticketType: 'Standing', rules: { tiers: [{ afterSold: 5, price: 9_000 }] } },
    }),
  },
  eventCalendar: { request: ({ eventId }) => ({ path: `/api/events/${eventId}/calendar.ics` }) },
  organizationCalendar: {
    request: ({ organizationId }) => ({ path: `/api/organizations/${organizationId}/calendar.ics` }),
  },
  eventJsonLd: { request: ({ eventId }) => ({ path: `/api/events/${eventId}/jsonld` }) },
  sitemapIndex: { request: () => ({ path: '/sitemap.xml' }) },
  sitemapMonth: { request: () => ({ path: '/sitemap/2090-01.xml' }) },
  listTicketTypes: { request: ({ eventId }) => ({ path: `/api/tickets/types?eventId=${eventId}` }) },
  listCategories: { request: () => ({ path: '/api/event-categories' }) },
};
