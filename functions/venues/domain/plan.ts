/**
 * A seating plan as Onsale keeps it: zones with rows of seats and with areas, in the units of the drawing
 * (pixels). It follows the structure of pretix plans, so that importing and exporting lose nothing; what
 * pretix cannot say (wheelchair places, standing areas, the focal point) stands in `features` and `role`
 * and travels in tags, see `tags.ts`.
 */
export interface SeatingPlan {
  readonly name: string;
  readonly size: Size;
  readonly categories: readonly Category[];
  readonly zones: readonly Zone[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** In units of the drawing; x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What seats are priced by: a ticket type sells the seats of one category. */
export interface Category {
  readonly name: string;
  /** CSS colour: a hash with hex digits, or a name. */
  readonly color?: string;
}

export interface Zone {
  readonly name: string;
  /** The planner's own id for the zone. */
  readonly zoneId?: string;
  /** Kept where it is not the one that the export would derive, see `ids.ts`. */
  readonly uuid?: string;
  readonly position: Point;
  readonly rows: readonly Row[];
  readonly areas: readonly Area[];
}

export interface Row {
  /** What is written at the row: `12`, `AA`. */
  readonly number: string;
  /** How the row is called in a sentence, if not by its number. */
  readonly label?: string;
  /** How a seat of it is called; `%s` stands for the seat's number. */
  readonly seatLabel?: string;
  readonly numberPosition?: 'start' | 'end' | 'both';
  readonly uuid?: string;
  /** Relative to the zone; the zone's own where it is absent. */
  readonly position?: Point;
  readonly seats: readonly Seat[];
}

/** What sets a seat apart from its neighbours. */
export const SEAT_FEATURES = ['wheelchair', 'companion', 'restricted view'] as const;
export type SeatFeature = (typeof SEAT_FEATURES)[number];

export interface Seat {
  /** The planner's id of the seat, unique in the plan and stable over its versions. */
  readonly guid: string;
  readonly number: string;
  readonly uuid?: string;
  /** Relative to the row. */
  readonly position: Point;
  /** Name of a category of the plan. */
  readonly category: string;
  /** In the order of {@link SEAT_FEATURES}; absent for an ordinary seat. */
  readonly features?: readonly SeatFeature[];
  readonly radius?: number;
  /** Where ordered booking of the row begins, and in which direction. */
  readonly startDirection?: '<' | '>' | '<>';
}

export type Shape =
  | { readonly kind: 'rectangle'; readonly width: number; readonly height: number }
  | { readonly kind: 'circle'; readonly radius: number }
  | { readonly kind: 'ellipse'; readonly radius: Point }
  | { readonly kind: 'polygon'; readonly points: readonly Point[] }
  | { readonly kind: 'text' };

/** What an area is for; without a role it is decoration. */
export type AreaRole =
  | { readonly kind: 'focal point' }
  /** Room for so many people without seats. */
  | { readonly kind: 'standing'; readonly capacity: number; readonly category: string };

export interface Area {
  readonly uuid?: string;
  /** Relative to the zone. */
  readonly position?: Point;
  /** Degrees clockwise around `position`. */
  readonly rotation?: number;
  readonly color?: string;
  readonly borderColor?: string;
  readonly shape?: Shape;
  readonly text?: AreaText;
  readonly role?: AreaRole;
}

export interface AreaText {
  readonly text: string;
  readonly color?: string;
  readonly size?: number;
  /** Relative to the area; the text's middle. */
  readonly position: Point;
}

/** What a plan may hold. Items of it are read into memory at once, so each has a ceiling. */
export const LIMITS = {
  seats: 100_000,
  seatsPerRow: 1_000,
  rows: 40_000,
  zones: 2_000,
  areas: 5_000,
  points: 100_000,
  categories: 100,
  standing: 1_000_000,
  /** Characters of a name, number or label. */
  text: 190,
  /** Coordinates and sizes lie between minus and plus this. */
  coordinate: 1_000_000,
} as const;

/** A row with the ids that its place in the plan gives it. */
export interface PlacedRow {
  /** Short and unique in the plan: the row's ordinal in base 36. It is part of its seats' ids. */
  readonly rowId: string;
  readonly zone: Zone;
  readonly row: Row;
  /** Of the drawing, not relative. */
  readonly origin: Point;
}

/** Every row of the plan, zone by zone. */
export function placedRows({ zones }: SeatingPlan): readonly PlacedRow[] {
  const rows: PlacedRow[] = [];
  for (const zone of zones) {
    for (const row of zone.rows) {
      rows.push({ rowId: rows.length.toString(36), zone, row, origin: shifted(zone.position, row.position) });
    }
  }
  return rows;
}

/** The short id of the `index`th seat of a row: what buyers ask for and blocks of stock hold. */
export function seatIdOf(rowId: string, index: number): string {
  return `${rowId}-${index + 1}`;
}

/** A point that is given relative to another. */
export function shifted(from: Point, by: Point | undefined): Point {
  return by === undefined ? from : { x: from.x + by.x, y: from.y + by.y };
}

/** An area with its id and its place in the drawing. */
export interface PlacedArea {
  /** Short and unique in the plan: `a` and its ordinal. */
  readonly areaId: string;
  readonly zone: Zone;
  readonly area: Area;
  readonly origin: Point;
}

/** Every area of the plan, zone by zone. */
export function placedAreas({ zones }: SeatingPlan): readonly PlacedArea[] {
  const areas: PlacedArea[] = [];
  for (const zone of zones) {
    for (const area of zone.areas) {
      areas.push({ areaId: `a${areas.length}`, zone, area, origin: shifted(zone.position, area.position) });
    }
  }
  return areas;
}

/** Where an area's middle is; its rotation is around its origin. */
export function middleOf({ area, origin }: PlacedArea): Point {
  const local = localMiddle(area);
  const angle = ((area.rotation ?? 0) * Math.PI) / 180;
  return {
    x: origin.x + local.x * Math.cos(angle) - local.y * Math.sin(angle),
    y: origin.y + local.x * Math.sin(angle) + local.y * Math.cos(angle),
  };
}

function localMiddle({ shape, text }: Area): Point {
  if (shape?.kind === 'rectangle') return { x: shape.width / 2, y: shape.height / 2 };
  if (shape?.kind === 'polygon') return meanOf(shape.points);
  if (shape?.kind === 'text') return text?.position ?? { x: 0, y: 0 };
  return { x: 0, y: 0 };
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, point) => shifted(total, point), { x: 0, y: 0 });
  return points.length === 0 ? sum : { x: sum.x / points.length, y: sum.y / points.length };
}

/** Where everybody looks: the area that is tagged so, or the middle of the drawing's upper edge. */
export function focalPointOf(plan: SeatingPlan): Point {
  const focal = placedAreas(plan).find(({ area }) => area.role?.kind === 'focal point');
  return focal === undefined ? { x: plan.size.width / 2, y: 0 } : middleOf(focal);
}

/** How a seat is called in a sentence: `Row 12, Seat 7`, or by the labels that the planner gave. */
export function describeSeat(row: Row, seat: Seat): { readonly row: string; readonly seat: string } {
  return {
    row: row.label ?? row.number,
    seat: row.seatLabel?.replace('%s', () => seat.number) ?? seat.number,
  };
}
