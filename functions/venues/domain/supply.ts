import type { AreaSupply, CategorySupply, PlanSupply, RowSupply, SeatSupply } from '../contract.ts';
import {
  focalPointOf,
  middleOf,
  placedAreas,
  placedRows,
  seatIdOf,
  type PlacedRow,
  type Point,
  type Seat,
  type SeatingPlan,
} from './plan.ts';

/** A step to the next seat that is this much wider than usual in the row is an aisle. */
const AISLE = 1.75;
/** The same against the whole plan, for rows that are all aisles. */
const PLAN_AISLE = 3;

/**
 * What can be sold of a plan, category by category: rows with their seats in order, and standing areas, the
 * nearest to the focal point first. Each seat says where it stands in its run, so that neighbours are known
 * without the drawing.
 */
export function supplyOf(plan: SeatingPlan): Omit<PlanSupply, 'planId' | 'venueId'> {
  const focal = focalPointOf(plan);
  const rows = placedRows(plan);
  const usual = median(rows.flatMap(stepsOf));
  const byCategory = new Map<string, { rows: RowSupply[]; areas: AreaSupply[] }>(
    plan.categories.map(({ name }) => [name, { rows: [], areas: [] }]),
  );
  for (const placed of rows) {
    for (const [category, row] of rowsByCategory(placed, focal, usual)) byCategory.get(category)?.rows.push(row);
  }
  for (const placed of placedAreas(plan)) {
    const { role, text } = placed.area;
    if (role?.kind !== 'standing') continue;
    byCategory.get(role.category)?.areas.push({
      areaId: placed.areaId,
      name: text?.text === undefined || text.text === '' ? placed.zone.name : text.text,
      capacity: role.capacity,
      distance: distance(middleOf(placed), focal),
    });
  }
  return { categories: [...byCategory].map(([name, supply]) => categoryOf(name, supply)) };
}

function categoryOf(name: string, { rows, areas }: { rows: RowSupply[]; areas: AreaSupply[] }): CategorySupply {
  return {
    name,
    seats: rows.reduce((count, { seats }) => count + seats.length, 0),
    standing: areas.reduce((count, { capacity }) => count + capacity, 0),
    rows: rows.toSorted(nearestFirst),
    areas: areas.toSorted(nearestFirst),
  };
}

function nearestFirst(left: { readonly distance: number }, right: { readonly distance: number }): number {
  return left.distance - right.distance;
}

/** A row split by the categories of its seats. */
function rowsByCategory(placed: PlacedRow, focal: Point, usual: number): ReadonlyMap<string, RowSupply> {
  const { rowId, zone, row, origin } = placed;
  const steps = stepsOf(placed);
  const pitch = median(steps) || usual;
  const widest = Math.min(AISLE * pitch, PLAN_AISLE * usual);
  const byCategory = new Map<string, { seats: SeatSupply[]; last: number; away: number[] }>();
  row.seats.forEach((seat, index) => {
    const found = byCategory.get(seat.category) ?? { seats: [], last: -1, away: [] };
    const neighbours = found.last === index - 1 && index > 0 && (steps[index - 1] ?? 0) <= widest;
    const aisle = found.seats.length > 0 && !neighbours;
    found.seats.push({
      id: seatIdOf(rowId, index),
      number: seat.number,
      ...(aisle ? { aisleBefore: true } : {}),
      ...flagsOf(seat),
    });
    found.last = index;
    found.away.push(Math.hypot(origin.x + seat.position.x - focal.x, origin.y + seat.position.y - focal.y));
    byCategory.set(seat.category, found);
  });
  const label = row.label ?? row.number;
  return new Map(
    [...byCategory].map(([category, { seats, away }]) => [
      category,
      {
        rowId,
        label,
        section: zone.name,
        centre: centreOf(away),
        distance: Math.round(Math.min(...away)),
        pitch: Math.round(pitch),
        seats,
      },
    ]),
  );
}

/** The index of what is nearest to the focal point: a seat, or between two that are about equally near. */
function centreOf(away: readonly number[]): number {
  const nearest = Math.min(...away);
  const index = away.indexOf(nearest);
  const next = (away[index + 1] ?? Infinity) - nearest;
  // Half a unit of the drawing is nothing that anybody sees.
  return next < 0.5 ? index + 0.5 : index;
}

function flagsOf({ features = [] }: Seat): Pick<SeatSupply, 'access' | 'restrictedView'> {
  const access = features.includes('wheelchair')
    ? 'WHEELCHAIR'
    : features.includes('companion')
      ? 'COMPANION'
      : undefined;
  return {
    ...(access === undefined ? {} : { access }),
    ...(features.includes('restricted view') ? { restrictedView: true } : {}),
  };
}

/** Distances from each seat of a row to the next. */
function stepsOf({ row: { seats } }: Pick<PlacedRow, 'row'>): readonly number[] {
  return seats.slice(1).map((seat, index) => {
    const before = seats[index]?.position ?? seat.position;
    return Math.hypot(seat.position.x - before.x, seat.position.y - before.y);
  });
}

/** The lower median, so that an even number of steps does not make an aisle of the usual one. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Whole units of the drawing: enough to order by, and it packs well. */
function distance(from: Point, to: Point): number {
  return Math.round(Math.hypot(from.x - to.x, from.y - to.y));
}
