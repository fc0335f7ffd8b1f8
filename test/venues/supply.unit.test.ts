import { expect, it } from 'vitest';

import { importPlan } from '../../functions/venues/domain/import-plan.ts';
import { SEAT_ID_PATTERN } from '../../functions/inventory/contract.ts';
import { supplyOf } from '../../functions/venues/domain/supply.ts';
import { packPlan, unpackPlan } from '../../functions/venues/packing.ts';
import { currentPlan } from './plans.ts';

/** A row of seats at these places along it, each of a category. */
function row(number: string, y: number, seats: readonly (readonly [x: number, category: string])[]): object {
  return {
    row_number: number,
    position: { x: 0, y },
    seats: seats.map(([x, category], index) => ({
      seat_guid: `${number}${index}`,
      seat_number: String(index + 1),
      position: { x, y: 0 },
      category,
    })),
  };
}

function planOf(rows: readonly object[]): ReturnType<typeof supplyOf> {
  const { plan, faults } = importPlan({
    name: 'Rows',
    categories: [{ name: 'A' }, { name: 'B' }, { name: 'A [wheelchair]' }, { name: 'A [companion]' }],
    zones: [
      {
        name: 'Stalls',
        position: { x: 0, y: 0 },
        rows,
        areas: [
          { shape: 'text', position: { x: 50, y: 0 }, text: { text: '[focal point]', position: { x: 0, y: 0 } } },
        ],
      },
    ],
    size: { width: 100, height: 100 },
  });
  if (plan === undefined) throw new Error(JSON.stringify(faults));
  return supplyOf(unpackPlan(packPlan(plan)));
}

const A = 'A';

it('orders rows by their distance to the focal point, and names their middle', () => {
  const places = [0, 20, 40, 60, 80, 100].map((x) => [x, A] as const);
  const [supply] = planOf([row('far', 90, places), row('near', 30, places)]).categories;
  expect(supply).toMatchObject({ name: 'A', seats: 12, standing: 0 });
  expect(supply?.rows.map(({ label, rowId, distance, centre }) => [label, rowId, distance, centre])).toEqual([
    ['near', '1', 32, 2.5],
    ['far', '0', 91, 2.5],
  ]);
  expect(supply?.rows[0]?.section).toBe('Stalls');
  const ids = supply?.rows.flatMap(({ seats }) => seats.map(({ id }) => id)) ?? [];
  expect(ids.slice(0, 3)).toEqual(['1-1', '1-2', '1-3']);
  expect(ids.every((id) => SEAT_ID_PATTERN.test(id))).toBe(true);
});

it('sees aisles, and seats of another category in between: who sits there are no neighbours', () => {
  const [a, b] = planOf([
    row('1', 10, [
      [0, A],
      [20, A],
      [70, A],
      [90, A],
      [110, 'B'],
      [130, A],
      [150, 'A [companion]'],
      [170, 'A [wheelchair]'],
    ]),
  ]).categories;
  expect(a?.rows[0]?.seats.map(({ number, aisleBefore, access }) => [number, aisleBefore ?? false, access])).toEqual([
    ['1', false, undefined],
    ['2', false, undefined],
    ['3', true, undefined],
    ['4', false, undefined],
    ['6', true, undefined],
    ['7', false, 'COMPANION'],
    ['8', false, 'WHEELCHAIR'],
  ]);
  expect(b?.rows[0]).toMatchObject({ rowId: '0', seats: [{ id: '0-5', number: '5' }] });
});

it('two seats apart by a hall are no neighbours, though their row knows no other step', () => {
  const [supply] = planOf([
    row('1', 10, [
      [0, A],
      [400, A],
    ]),
    row('2', 30, [
      [0, A],
      [20, A],
      [40, A],
    ]),
  ]).categories;
  expect(supply?.rows.find(({ label }) => label === '1')?.seats[1]?.aisleBefore).toBe(true);
});

it('has standing areas with their capacity', () => {
  const { plan } = importPlan(currentPlan());
  if (plan === undefined) throw new Error('not imported');
  expect(supplyOf(plan).categories.find(({ name }) => name === 'Floor')).toEqual({
    name: 'Floor',
    seats: 0,
    standing: 400,
    rows: [],
    areas: [{ areaId: 'a1', name: 'Arena', capacity: 400, distance: 214 }],
  });
});
