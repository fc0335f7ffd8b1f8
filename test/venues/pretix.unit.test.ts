import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { exportPlan } from '../../functions/venues/domain/export-plan.ts';
import { importPlan } from '../../functions/venues/domain/import-plan.ts';
import type { SeatingPlan } from '../../functions/venues/domain/plan.ts';
import { generatePlan } from '../../scripts/plan/generate.ts';
import { anyPlan, currentPlan, olderPlan } from './plans.ts';
import { pretixPlan } from './pretix-schema.ts';

function imported(json: unknown): SeatingPlan {
  const { plan, faults } = importPlan(json);
  if (plan === undefined) throw new Error(JSON.stringify(faults));
  return plan;
}

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const faultsOf = (json: unknown): readonly string[] =>
  importPlan(json).faults.map(({ path, message }) => `${path}: ${message}`);

/** Each seat of a plan of pretix as one line: where it stands, what it is called and what it costs as. */
function placesOf(json: unknown): readonly string[] {
  return pretixPlan
    .parse(json)
    .zones.flatMap(({ zone_id, rows }) =>
      rows.flatMap(({ row_number, seats }) =>
        seats.map(({ seat_guid, seat_number, uuid, position, category }) =>
          [zone_id, row_number, seat_guid, seat_number, uuid, position.x, position.y, category].join('|'),
        ),
      ),
    );
}

describe('a plan of the current generation', () => {
  it('is read without a warning, tags and all', () => {
    const { plan, warnings, faults } = importPlan(currentPlan());
    expect({ warnings, faults }).toEqual({ warnings: [], faults: [] });
    expect(plan?.categories).toEqual([
      { name: 'Stalls', color: '#3a6ea5' },
      { name: 'Floor', color: 'orange' },
    ]);
    const [zone] = plan?.zones ?? [];
    expect(zone?.rows[0]?.seats[0]).toMatchObject({ guid: 'stalls-A-1', category: 'Stalls', features: ['wheelchair'] });
    expect(zone?.areas.map(({ role }) => role)).toEqual([
      { kind: 'focal point' },
      { kind: 'standing', capacity: 400, category: 'Floor' },
    ]);
    expect(zone?.areas[0]?.text?.text).toBe('Stage');
  });

  it('comes out as it went in', () => {
    const out = pretixPlan.parse(throughJson(exportPlan(imported(currentPlan()))));
    expect(out.zones[0]).toMatchObject({ zone_id: 'stalls', uuid: '7e5d3c4a-2f3b-4a0e-9a55-0d2f0b3c8e11' });
    expect(out.categories.map(({ name }) => name)).toEqual(['Stalls', 'Stalls [wheelchair]', 'Floor']);
    expect(out.zones[0]?.rows[0]?.seats[0]).toMatchObject({ category: 'Stalls [wheelchair]', seat_guid: 'stalls-A-1' });
    expect(out.zones[0]?.areas?.[1]?.text?.text).toBe('Arena [standing 400: Floor]');
  });
});

it('a house of 50,000 seats is read without a warning and comes out with every seat as it went in', () => {
  const generated = throughJson(generatePlan(50_000));
  const { plan, warnings, faults } = importPlan(generated);
  expect({ warnings, faults }).toEqual({ warnings: [], faults: [] });
  const seats = plan?.zones.flatMap(({ rows }) => rows.flatMap((row) => row.seats)) ?? [];
  expect(seats).toHaveLength(50_000);
  expect(new Set(seats.map(({ guid }) => guid)).size).toBe(50_000);
  const out = throughJson(exportPlan(imported(generated)));
  expect(pretixPlan.safeParse(out).error).toBeUndefined();
  expect(placesOf(out)).toEqual(placesOf(generated));
  expect(imported(out)).toEqual(plan);
});

describe('a plan of the older generation', () => {
  it('becomes one of the current one, with warnings of what was left out', () => {
    const { plan, warnings } = importPlan(olderPlan());
    expect(warnings.map(({ path }) => path)).toEqual([
      'zones.0.displayed',
      'zones.0.rows.0.seats_spacing',
      'zones.0.areas.0.text',
    ]);
    const out = pretixPlan.parse(throughJson(exportPlan(imported(olderPlan()))));
    expect(plan?.zones[0]?.areas[0]).toEqual({
      position: { x: 0, y: 0 },
      rotation: 5,
      color: 'grey',
      shape: { kind: 'rectangle', width: 100, height: 30 },
      text: { text: 'Stage', position: { x: 50, y: 15 } },
    });
    for (const object of [out.zones[0], out.zones[0]?.rows[0], out.zones[0]?.rows[0]?.seats[0]]) {
      expect(object?.uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
  });

  it('without a size is as large as its seats reach', () => {
    const { size: _size, ...plan } = olderPlan();
    expect(imported(plan).size).toEqual({ width: 60, height: 100 });
  });
});

it(
  'import, export, import is the identity, and the export is strictly of the current schema',
  { timeout: 60_000 },
  () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyPlan, (json) => {
        const { plan, faults } = importPlan(throughJson(json));
        accepted += plan === undefined ? 0 : 1;
        // The only fault that these plans can have is a second focal point.
        expect(plan === undefined ? faults.map(({ message }) => message) : []).toEqual(
          plan === undefined ? ['A plan has at most one focal point'] : [],
        );
        const out: unknown = plan === undefined ? currentPlan() : throughJson(exportPlan(plan));
        expect(pretixPlan.safeParse(out).error).toBeUndefined();
        expect(importPlan(out)).toEqual({ plan: plan ?? imported(currentPlan()), faults: [], warnings: [] });
      }),
      { seed: 20_261_124, numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(150);
  },
);

describe('faults', () => {
  it('are all reported, each with its path', () => {
    const plan = {
      name: 'Bad',
      categories: [{ name: 'A' }],
      zones: [
        { name: 'One', position: { x: 0, y: 0 }, rows: [{ row_number: '1', seats: [] }] },
        {
          name: 'Two',
          position: { x: 0, y: 'left' },
          rows: [
            {
              row_number: '2',
              seats: [
                { seat_guid: 's', seat_number: '1', position: { x: 0, y: 0 }, category: 'A' },
                { seat_guid: 's', seat_number: '2', position: { x: Infinity, y: 0 }, category: 'B' },
                { seat_guid: 't', seat_number: '3', category: 7 },
                'seat',
              ],
            },
          ],
        },
      ],
      size: { width: 100, height: 100 },
    };
    expect(faultsOf(plan)).toEqual([
      'zones.0.rows.0.seats: A row needs at least one seat',
      'zones.1.position.y: This must be a number',
      'zones.1.rows.0.seats.1.seat_guid: This seat has the same id as zones.1.rows.0.seats.0.seat_guid',
      'zones.1.rows.0.seats.1.position.x: This must be a finite number',
      'zones.1.rows.0.seats.1.category: There is no such category in the plan',
      'zones.1.rows.0.seats.2.position: This must be an object',
      'zones.1.rows.0.seats.2.category: A seat needs a category',
      'zones.1.rows.0.seats.3: This must be an object',
    ]);
  });

  it.each([
    ['a control character', 'Stalls\u0007'],
    ['a line break', 'Stalls\r\nSet-Cookie: a=b'],
    ['a script', '<script>alert(1)</script>'],
    ['markup', '<img src=x onerror=alert(1)>'],
    ['a script address', 'javascript:alert(1)'],
    ['a bidi override', 'Stalls\u202Egnp.exe'],
    ['an isolate', 'Stalls\u2066x'],
    ['half a character', 'Stalls\uD800'],
  ])('name %s in any text', (_what, text) => {
    const spoilt = currentPlan({ name: text, categories: [{ name: text }, { name: 'Stalls' }, { name: 'Floor' }] });
    const faults = importPlan(spoilt).faults.map(({ path }) => path);
    expect(faults).toEqual(['name', 'categories.0.name']);
  });

  it('include too many seats, without listing each', () => {
    const seats = Array.from({ length: 1_000 }, (_unused, index) => ({
      seat_guid: '',
      seat_number: String(index),
      position: { x: index, y: 0 },
      category: 'A',
    }));
    const rows = Array.from({ length: 101 }, (_unused, row) => ({
      row_number: String(row),
      seats: seats.map((seat) => ({ ...seat, seat_guid: `${row}-${seat.seat_number}` })),
    }));
    const plan = { name: 'Huge', categories: [{ name: 'A' }], zones: [{ position: { x: 0, y: 0 }, rows }] };
    expect(faultsOf(plan)).toEqual(['zones: A plan may have at most 100000 seats; this one has 101000']);
  });

  it('are listed up to a hundred, then counted', () => {
    const rows = Array.from({ length: 150 }, () => ({ row_number: '1', seats: [] }));
    const found = faultsOf(currentPlan({ zones: [{ position: { x: 0, y: 0 }, rows }] }));
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toBe(': There are 51 more faults');
  });

  it('name what is no plan at all', () => {
    expect(faultsOf(undefined)).toEqual([': This must be an object']);
    expect(faultsOf([])).toEqual([': This must be an object']);
    expect(faultsOf({})).toEqual(['zones: A plan needs at least one zone']);
    expect(faultsOf({ zones: [{ rows: [] }] })).toEqual(['zones: A plan needs a seat or a standing area']);
    expect(faultsOf({ zones: {}, categories: 'x', size: 3, name: {} })).toEqual([
      'name: This must be text',
      'categories: This must be an array',
      'zones: This must be an array',
      'zones: A plan needs at least one zone',
      'size: This must be an object',
    ]);
  });
});
