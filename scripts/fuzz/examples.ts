import { token } from './pool.ts';

const PRICE = { amount: 4_500, currency: 'EUR' };
const TYPE = { name: 'Standing', price: PRICE, quantity: 400 };
const TIME_ZONE = 'Europe/Berlin';
/** The event that the world keeps on sale is 0, its organisation 0. */
const organizationId = token('organizationId', 0);

/**
 * Bodies that the system takes, by operation: for those whose rules between fields, lists and vocabularies random
 * values hardly ever meet. Other operations are reached by their schema alone.
 *
 * @param inDays a time so many days from now (RFC 3339)
 */
export function examplesAt(inDays: (days: number) => string): Readonly<Record<string, readonly unknown[]>> {
  const event = {
    organizationId,
    title: 'Fuzzed Evening',
    description: '',
    category: 'music',
    startsAt: inDays(30),
    timeZone: TIME_ZONE,
    ticketTypes: [TYPE],
  };
  return {
    register: [
      {
        // One account a run; from then on its address is taken.
        email: `somebody-${Math.floor(Date.parse(inDays(0)) / 1_000)}@fuzz.example`,
        password: 'Fuzz-of-2026!',
        firstName: 'Some',
        lastName: 'Body',
        dateOfBirth: '1990-05-17',
      },
    ],
    resendVerification: [{ email: 'nobody@fuzz.example' }],
    forgotPassword: [{ email: 'nobody@fuzz.example' }],
    updateMe: [{ firstName: 'Bea' }, { locale: 'de-CH' }, { phone: '+4915112345678' }],
    createEvent: [
      event,
      {
        ...event,
        endsAt: inDays(31),
        tags: ['quay'],
        performers: ['The Fuzz'],
        ageLimit: 16,
        location: { name: 'Quay 7', city: 'Hamburg', latitude: 53.54, longitude: 9.98 },
        pools: [{ name: 'House', quantity: 500 }],
        cancellationPolicy: { windowHours: 48, feePercent: 2.5 },
        ticketTypes: [TYPE, { name: 'Balcony', price: PRICE, quantity: 20, pool: 'House', maxPerPerson: 4 }],
      },
    ],
    editEvent: [{ title: 'Another Evening' }, { tags: ['quay', 'sea'], ageLimit: null }, { startsAt: inDays(40) }],
    duplicateEvent: [{}, { title: 'Once More' }],
    refundOrder: [
      { amount: 1, reason: 'goodwill' },
      { lines: [{ orderItemId: '1', quantity: 1 }], reason: 'a seat is broken' },
    ],
    cancelOrder: [{}, { lines: [{ orderItemId: '1', quantity: 1 }] }],
    featureEvent: [{ featured: true }, { featured: false }],
    rescheduleEvent: [{ startsAt: inDays(45), optOutDays: 7 }],
    addTicketType: [
      { ...TYPE, name: 'Gallery' },
      { ...TYPE, name: 'Club', hidden: true },
    ],
    editTicketType: [
      { quantity: 500 },
      { price: { ...PRICE, amount: 5_000 } },
      { maxPerPerson: 6 },
      { saleStartsAt: null, description: 'By the stage' },
    ],
    blockTickets: [{ quantity: 0 }, { quantity: 2 }],
    spreadStock: [{ holdsPerSecond: 12 }],
    blockSeats: [{ seatIds: ['0-4'] }],
    releaseSeats: [{ seatIds: ['0-4'] }],
    setAccessCodes: [{ codes: ['harbour club'] }],
    setPricing: [
      {},
      {
        tiers: [{ afterSold: 5, price: 5_000 }],
        phases: [{ name: 'Early bird', endsAt: inDays(5), changeBp: -2_000 }],
      },
      { demand: { floor: 3_000, ceiling: 9_000, stepBp: 250 }, roundTo: 50 },
    ],
    setEventCharges: [CHARGES, { charges: [] }],
    setOrganizationCharges: [{ ...CHARGES, currency: 'EUR' }, { charges: [] }],
    previewPrice: [{}, { at: inDays(10), sold: 40, rules: { demand: { floor: 3_000, ceiling: 9_000 } } }],
    createSeries: [
      {
        organizationId,
        title: 'Fuzzed Series',
        description: '',
        category: 'theatre',
        timeZone: TIME_ZONE,
        startsAtLocal: inDays(60).slice(0, 16),
        rrule: 'FREQ=WEEKLY;COUNT=2',
        ticketTypes: [TYPE],
      },
    ],
    setSeriesCodes: [{ ticketType: TYPE.name, codes: ['harbour club'] }],
    setSeriesPricing: [
      { ticketType: TYPE.name, rules: { tiers: [{ afterSold: 5, price: 9_000 }] } },
      {
        ticketType: TYPE.name,
        rules: { phases: [{ name: 'Early', changeBp: -2_000, endsMinutesBefore: 20_160 }] },
      },
    ],
    editSeries: [{ title: 'Another Series' }, { ageLimit: 12 }],
    createVenue: [
      {
        organizationId,
        name: 'Fuzzed Hall',
        timeZone: TIME_ZONE,
        address: { street: 'Quay 7', city: 'Hamburg', country: 'DE' },
        coordinates: { latitude: 53.54, longitude: 9.98 },
      },
    ],
    updateVenue: [{ name: 'Fuzzed Arena' }, { mapUrl: 'https://maps.example/quay', address: null }],
    putSeatingPlan: [SEATING_PLAN],
    addMember: [{ userId: token('memberId', 0), posts: [{ post: 'gate' }] }],
    createInvitation: [{ email: 'colleague@fuzz.example', posts: [{ post: 'gate' }] }],
    setMember: [{ posts: [{ post: 'box-office' }] }, { posts: [{ post: 'gate', eventId: token('eventId', 0) }] }],
    setRoles: [{ roles: [] }, { roles: ['customer'] }],
    saveMailTemplate: [{ texts: { en: { intro: 'Doors open at seven.' } } }],
    activateMailTemplate: [{ version: null }],
    previewMailTemplate: [{ language: 'de', texts: { de: { closing: 'Bis bald: https://fuzz.example/haus' } } }],
    createApiKey: [{ organizationId, name: 'Fuzzed key', scopes: ['orders:read'] }],
    placeHold: [
      { items: [{ ticketTypeId: token('ticketTypeId', 0), quantity: 1 }] },
      { items: [{ ticketTypeId: token('seatedTypeId', 0), seatIds: ['0-1'] }] },
      { items: [{ ticketTypeId: token('seatedTypeId', 0), quantity: 1, bestAvailable: true }] },
    ],
    addToCart: [{ ticketTypeId: token('ticketTypeId', 0), quantity: 1 }],
    changeCart: [{ ticketTypeId: token('ticketTypeId', 0), quantity: 2 }],
    removeFromCart: [{ ticketTypeId: token('ticketTypeId', 0) }],
    validateAvailability: [{ ticketTypeId: token('ticketTypeId', 0), quantity: 1 }],
    createOrder: [
      { reservationId: token('reservationId', 0) },
      { ticketTypeId: token('ticketTypeId', 0), quantity: 1 },
      { ticketTypeId: token('ticketTypeId', 0), quantity: 2, attendees: [{ name: 'Ada Lovelace' }] },
      {},
    ],
    purchaseTickets: [
      { items: [{ ticketTypeId: token('ticketTypeId', 0), quantity: 1 }] },
      { items: [{ ticketTypeId: token('seatedTypeId', 0), quantity: 1 }] },
    ],
    sendNotice: [{ eventId: token('eventId', 0), template: 'entry', variables: { message: 'By the quay.' } }],
    // The paid one.
    resendTickets: [{ orderId: token('orderId', 1) }],
    nameHolder: [{ holderName: 'Grace Hopper' }, { holderName: null }],
    offerTicket: [{ email: 'friend@fuzz.example' }],
    validateTicket: [{ qr: token('qr', 0) }, { qr: token('qr', 0), gate: 'North' }],
  };
}

const CHARGES = {
  charges: [
    { name: 'Service fee', kind: 'FEE', rateBp: 250, amount: 50 },
    { name: 'Order fee', kind: 'FEE', per: 'ORDER', amount: 100, refundable: true },
    { name: 'VAT', kind: 'TAX', rateBp: 1_900, included: true },
  ],
};

/** A plan of the fewest parts, in pretix' JSON. */
const SEATING_PLAN = {
  name: 'Quay 7',
  size: { width: 600, height: 400 },
  categories: [{ name: 'Stalls', color: '#3a6ea5' }],
  zones: [
    {
      name: 'Stalls',
      zone_id: 'stalls',
      uuid: '7e5d3c4a-2f3b-4a0e-9a55-0d2f0b3c8e11',
      position: { x: 100, y: 200 },
      rows: [
        {
          row_number: 'A',
          row_number_position: 'both',
          uuid: '9a1c6f50-6a6f-4f2e-8d64-4f9f3f6f2a10',
          position: { x: 0, y: 0 },
          seats: [0, 1, 2, 3].map((index) => ({
            seat_guid: `stalls-A-${index + 1}`,
            seat_number: String(index + 1),
            uuid: `00000000-0000-4000-8000-00000000000${index}`,
            position: { x: index * 25, y: 0 },
            category: 'Stalls',
          })),
        },
      ],
      areas: [],
    },
  ],
};
