import type { PlanGeometry } from '../contract.ts';
import { colorsOf } from './colors.ts';
import {
  describeSeat,
  focalPointOf,
  placedAreas,
  placedRows,
  seatIdOf,
  type PlacedArea,
  type PlacedRow,
  type SeatingPlan,
} from './plan.ts';

/** A plan's drawing for whoever draws it: coordinates of the whole, the short ids, indexes for categories. */
export function geometryOf(planId: string, plan: SeatingPlan): PlanGeometry {
  const indexes = new Map(plan.categories.map(({ name }, index) => [name, index]));
  const indexOf = (category: string): number => indexes.get(category) ?? 0;
  const rows = placedRows(plan);
  const areas = placedAreas(plan);
  return {
    id: planId,
    name: plan.name,
    size: plan.size,
    focalPoint: focalPointOf(plan),
    categories: colorsOf(plan),
    zones: plan.zones.map((zone) => ({
      name: zone.name,
      rows: rows.filter((placed) => placed.zone === zone).map((placed) => drawRow(placed, indexOf)),
      areas: areas.filter((placed) => placed.zone === zone).map((placed) => drawArea(placed, indexOf)),
    })),
  };
}

type IndexOf = (category: string) => number;
type Zone = PlanGeometry['zones'][number];

function drawRow({ rowId, row, origin }: PlacedRow, indexOf: IndexOf): Zone['rows'][number] {
  return {
    id: rowId,
    number: row.number,
    label: row.label ?? row.number,
    numberPosition: row.numberPosition ?? null,
    seats: row.seats.map((seat, index) => {
      const label = describeSeat(row, seat).seat;
      return {
        id: seatIdOf(rowId, index),
        number: seat.number,
        ...(label === seat.number ? {} : { label }),
        x: hundredths(origin.x + seat.position.x),
        y: hundredths(origin.y + seat.position.y),
        category: indexOf(seat.category),
        ...(seat.radius === undefined ? {} : { radius: seat.radius }),
        ...(seat.features === undefined ? {} : { features: [...seat.features] }),
      };
    }),
  };
}

function drawArea({ areaId, area, origin }: PlacedArea, indexOf: IndexOf): Zone['areas'][number] {
  const { uuid: _uuid, position: _position, role, ...drawn } = area;
  return {
    id: areaId,
    x: origin.x,
    y: origin.y,
    ...drawn,
    ...(role?.kind === 'standing' ? { standing: { capacity: role.capacity, category: indexOf(role.category) } } : {}),
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
