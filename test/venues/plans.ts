import * as fc from 'fast-check';

/** A small plan of the current generation, as an editor would write it. */
export function currentPlan(changes: object = {}): Record<string, unknown> {
  return {
    name: 'Quay 7',
    categories: [
      { name: 'Stalls', color: '#3a6ea5' },
      { name: 'Stalls [wheelchair]', color: '#3a6ea5' },
      { name: 'Floor', color: 'orange' },
    ],
    zones: [
      {
        name: 'Stalls',
        zone_id: 'stalls',
        uuid: '7e5d3c4a-2f3b-4a0e-9a55-0d2f0b3c8e11',
        position: { x: 100, y: 200 },
        rows: [
          {
            row_number: 'A',
            row_label: 'Row A',
            seat_label: 'Seat %s',
            row_number_position: 'both',
            uuid: '9a1c6f50-6a6f-4f2e-8d64-4f9f3f6f2a10',
            position: { x: 0, y: 0 },
            seats: [0, 1, 2, 3, 6, 7].map((step, index) => ({
              seat_guid: `stalls-A-${index + 1}`,
              seat_number: String(index + 1),
              uuid: `00000000-0000-4000-8000-00000000000${index}`,
              position: { x: step * 25, y: 0 },
              category: index === 0 ? 'Stalls [wheelchair]' : 'Stalls',
            })),
          },
        ],
        areas: [
          {
            shape: 'rectangle',
            color: '#333333',
            border_color: '#000000',
            rotation: 0,
            position: { x: 0, y: -150 },
            rectangle: { width: 200, height: 50 },
            text: { text: 'Stage [focal point]', color: 'white', size: 20, position: { x: 100, y: 25 } },
            uuid: 'b3f7a6b0-3b52-4a0f-8a45-1a2f0c9c5a77',
          },
          {
            shape: 'ellipse',
            position: { x: 300, y: -50 },
            ellipse: { radius: { x: 60, y: 40 } },
            text: { text: 'Arena [standing 400: Floor]', position: { x: 0, y: 0 } },
          },
        ],
      },
    ],
    size: { width: 600, height: 400 },
    ...changes,
  };
}

/** A small plan of the older generation: no ids but the seats', areas with plain texts, spacing. */
export function olderPlan(): Record<string, unknown> {
  return {
    name: 'Old Hall',
    categories: [{ name: 'Hall', color: 'red' }],
    zones: [
      {
        name: 'Ground floor',
        displayed: true,
        position: { x: 10, y: 20 },
        rows: [
          {
            row_number: '1',
            number_of_seats: 2,
            seats_spacing: 30,
            position: { x: 0, y: 60 },
            seats: [
              { seat_guid: '1-1', seat_number: '1', position: { x: 0, y: 0 }, category: 'Hall' },
              { seat_guid: '1-2', seat_number: '2', position: { x: 30, y: 0 }, category: 'Hall' },
            ],
          },
        ],
        areas: [{ width: 100, height: 30, position: { x: 0, y: 0 }, color: 'grey', text: 'Stage', rotation: 5 }],
      },
    ],
    size: { width: 300, height: 200 },
  };
}

const NAMES = ['Stalls', 'Balcony', 'Box [3]', 'Été', '座席'];
const TAGS = ['', ' [wheelchair]', ' [companion]', ' [restricted view, wheelchair]', ' [companion] [wheelchair]'];
const ROLES = ['', '', ' [focal point]', ' [standing 20: Stalls]', ' [standing 0: Stalls]', ' [bar]'];

const number = fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.double({ min: -900, max: 900, noNaN: true }));
const point = fc.record({ x: number, y: number });
const words = fc.constantFrom('', 'A', '12', ' Row 7 ', 'Loge [links]', 'è', '🎭');
const color = fc.constantFrom('#abc', '#A0B1C2', 'tomato', 'rgb(1, 20, 255)', 'url(x)');
const uuid = fc.oneof(fc.uuid(), fc.constant('not-a-uuid'));
const size = fc.record({
  width: fc.integer({ min: 0, max: 900 }),
  height: fc.double({ min: 0, max: 900, noNaN: true }),
});

const area = fc.oneof(
  fc.record(
    {
      color,
      border_color: color,
      rotation: number,
      position: point,
      uuid,
      shape: fc.constantFrom('polygon', 'rectangle', 'ellipse', 'circle', 'text'),
      polygon: fc.record({ points: fc.array(point, { maxLength: 5 }) }),
      rectangle: size,
      ellipse: fc.record({ radius: point }),
      circle: fc.record({ radius: fc.double({ min: 0, max: 50, noNaN: true }) }),
      text: fc.record({
        text: fc.tuple(words, fc.constantFrom(...ROLES)).map((parts) => parts.join('')),
        color,
        size: fc.integer({ min: 1, max: 40 }),
        position: point,
      }),
    },
    { requiredKeys: ['shape', 'polygon', 'rectangle', 'ellipse', 'circle'] },
  ),
  // The older generation's.
  fc.record(
    {
      width: fc.integer({ min: 1, max: 500 }),
      height: fc.integer({ min: 1, max: 500 }),
      position: point,
      text: words,
      color,
      rotation: number,
    },
    { requiredKeys: ['width', 'height', 'position'] },
  ),
);

const category = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TAGS)).map((parts) => parts.join(''));

const seat = fc.record(
  {
    seat_number: fc.oneof(words, fc.integer({ min: 1, max: 99 })),
    uuid,
    start_direction: fc.constantFrom('<', '>', '<>', null, 'x'),
    radius: fc.double({ min: 1, max: 30, noNaN: true }),
    position: point,
    category,
  },
  { requiredKeys: ['seat_number', 'position', 'category'] },
);

const row = fc.record(
  {
    row_number: fc.oneof(words, fc.integer({ min: 1, max: 99 })),
    row_label: fc.oneof(words, fc.constant(null)),
    seat_label: fc.constantFrom('Seat %s', '', null),
    uuid,
    row_number_position: fc.constantFrom('start', 'end', 'both', 'left', null),
    position: point,
    seats: fc.array(seat, { minLength: 1, maxLength: 6 }),
    number_of_seats: fc.integer({ min: 0, max: 9 }),
    seats_spacing: fc.integer({ min: 1, max: 40 }),
  },
  { requiredKeys: ['row_number', 'seats'] },
);

const zone = fc.record(
  {
    name: words,
    zone_id: words,
    uuid,
    displayed: fc.boolean(),
    position: point,
    rows: fc.array(row, { minLength: 1, maxLength: 4 }),
    areas: fc.array(area, { maxLength: 4 }),
  },
  { requiredKeys: ['rows'] },
);

/** Plans of either generation and of mixtures; most can be imported, with warnings. */
export const anyPlan = fc
  .record(
    {
      name: words,
      categories: fc.constant(NAMES.flatMap((name) => [{ name }, { name: `${name} [companion]`, color: 'navy' }])),
      zones: fc.array(zone, { minLength: 1, maxLength: 3 }),
      size: fc.record({
        width: fc.integer({ min: 1, max: 900 }),
        height: fc.double({ min: 1, max: 900, noNaN: true }),
      }),
    },
    { requiredKeys: ['categories', 'zones'] },
  )
  .map((plan) => {
    let seats = 0;
    const numbered = plan.zones.map((each) => ({
      ...each,
      rows: each.rows.map((found) => ({
        ...found,
        seats: found.seats.map((one) => ({ ...one, seat_guid: `seat ${(seats += 1)}` })),
      })),
    }));
    return { ...plan, zones: numbered };
  });
