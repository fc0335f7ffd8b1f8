import { derivedUuid } from './ids.ts';
import { SEAT_FEATURES, type Area, type Category, type Row, type Seat, type SeatingPlan, type Zone } from './plan.ts';
import { writeAreaText, writeCategory } from './tags.ts';

interface ExportOptions {
  readonly seatUuids: boolean;
}

/**
 * A plan in pretix' JSON of the current generation, strictly by its schema: nothing that the schema does not
 * name, whole numbers where it wants them, and a uuid for every object. Importing it gives the same plan.
 *
 * @param options whether seats have their uuids, which take half of a large plan; the schema lets them go
 */
export function exportPlan(plan: SeatingPlan, options: ExportOptions = { seatUuids: true }): object {
  return {
    name: plan.name,
    categories: writtenCategories(plan).map(({ name, color }) => ({ name, ...given('color', color) })),
    zones: plan.zones.map((zone, index) => exportZone(zone, index, options)),
    size: { width: plan.size.width, height: plan.size.height },
  };
}

/** Each category, followed by those of its tagged forms that seats are written with. */
function writtenCategories({ categories, zones }: SeatingPlan): readonly Category[] {
  const used = new Set(
    zones.flatMap(({ rows }) =>
      rows.flatMap(({ seats }) => seats.map(({ category, features }) => writeCategory(category, features))),
    ),
  );
  return categories.flatMap((category) => [
    category,
    ...COMBINATIONS.map((features) => ({ ...category, name: writeCategory(category.name, features) })).filter(
      ({ name }) => used.has(name),
    ),
  ]);
}

/** Every combination of features but the empty one. */
const COMBINATIONS = Array.from({ length: 2 ** SEAT_FEATURES.length - 1 }, (_unused, index) =>
  SEAT_FEATURES.filter((_feature, bit) => ((index + 1) & (1 << bit)) !== 0),
);

function exportZone(zone: Zone, index: number, options: ExportOptions): object {
  return {
    name: zone.name,
    ...given('zone_id', zone.zoneId),
    uuid: zone.uuid ?? derivedUuid('zone', index),
    position: zone.position,
    rows: zone.rows.map((row, ordinal) => exportRow(row, [index, ordinal], options)),
    areas: zone.areas.map((area, ordinal) => exportArea(area, [index, ordinal])),
  };
}

function exportRow(row: Row, place: readonly [zone: number, row: number], options: ExportOptions): object {
  return {
    row_number: row.number,
    ...given('row_label', row.label),
    ...given('seat_label', row.seatLabel),
    uuid: row.uuid ?? derivedUuid('row', ...place),
    seats: row.seats.map((seat) => exportSeat(seat, options)),
    ...given('row_number_position', row.numberPosition),
    ...given('position', row.position),
  };
}

function exportSeat(seat: Seat, { seatUuids }: ExportOptions): object {
  return {
    seat_guid: seat.guid,
    seat_number: seat.number,
    ...(seatUuids ? { uuid: seat.uuid ?? derivedUuid('seat', seat.guid) } : {}),
    ...given('start_direction', seat.startDirection),
    ...given('radius', seat.radius),
    position: seat.position,
    category: writeCategory(seat.category, seat.features),
  };
}

function exportArea(area: Area, place: readonly [zone: number, area: number]): object {
  const { shape, text, role } = area;
  return {
    ...given('color', area.color),
    ...given('border_color', area.borderColor),
    ...given('rotation', area.rotation),
    ...given('position', area.position),
    uuid: area.uuid ?? derivedUuid('area', ...place),
    ...given('shape', shape?.kind),
    ...(shape === undefined ? {} : exportShape(shape)),
    ...(text === undefined
      ? {}
      : {
          text: {
            text: writeAreaText(text.text, role),
            ...given('color', text.color),
            ...given('size', text.size),
            position: text.position,
          },
        }),
  };
}

function exportShape(shape: NonNullable<Area['shape']>): object {
  switch (shape.kind) {
    case 'rectangle':
      return { rectangle: { width: shape.width, height: shape.height } };
    case 'circle':
      return { circle: { radius: shape.radius } };
    case 'ellipse':
      return { ellipse: { radius: shape.radius } };
    case 'polygon':
      return { polygon: { points: shape.points } };
    case 'text':
      return {};
  }
}

function given(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}
