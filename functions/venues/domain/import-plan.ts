import { derivedUuid } from './ids.ts';
import { at, member, Reader, type Finding } from './findings.ts';
import { POINTS, readArea, type AreaContext } from './import-area.ts';
import {
  LIMITS,
  placedAreas,
  placedRows,
  shifted,
  type Category,
  type Row,
  type Seat,
  type SeatingPlan,
  type Size,
  type Zone,
} from './plan.ts';
import { readCategory } from './tags.ts';

/** What reading a plan came to: a plan if there is no fault, and what was mended or left out. */
export interface Imported {
  readonly plan: SeatingPlan | undefined;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * Reads a seating plan in pretix' JSON, of either generation: the older one with plain texts, widths and
 * spacing, and the current one with uuid, zone_id and shapes (its schema is `seating-plan.schema.json` of
 * pretix). What does no harm is mended and warned of; every fault is reported, not only the first.
 */
export function importPlan(json: unknown): Imported {
  const read = new PlanReader();
  const plan = read.plan(json);
  const { faults, warnings } = read.findings;
  return { plan: faults.length === 0 ? plan : undefined, faults, warnings };
}

/** Margin around the seats of a plan that does not say how large it is. */
const MARGIN = 20;

class PlanReader extends Reader {
  readonly #categories = new Map<string, Category>();
  readonly #guids = new Map<string, string>();
  readonly #uuids = new Map<string, string>();
  readonly #areas: AreaContext = { pointsLeft: POINTS, uuidOf: (...given) => this.#uuidOf(...given) };
  #seats = 0;

  plan(json: unknown): SeatingPlan | undefined {
    const members = this.object(json, '', ['name', 'zones', 'categories', 'size']);
    if (members === undefined) return undefined;
    const name = this.words(member(members, 'name'), 'name');
    if (name === undefined && member(members, 'name') === undefined) this.findings.warn('name', 'A name was made up');
    this.#readCategories(member(members, 'categories'));
    const found = this.array(member(members, 'zones'), 'zones', LIMITS.zones);
    if (found.length === 0) this.findings.fault('zones', 'A plan needs at least one zone');
    const zones = found.flatMap((zone, index) => this.#zone(zone, at('zones', index), index) ?? []);
    if (this.#seats > LIMITS.seats) {
      this.findings.fault('zones', `A plan may have at most ${LIMITS.seats} seats; this one has ${this.#seats}`);
    }
    this.#checkRoles(zones);
    const plan = { name: name ?? 'Seating plan', size: { width: 0, height: 0 }, zones };
    const size = this.#size(member(members, 'size')) ?? boundsOf({ ...plan, categories: [] });
    return { ...plan, size, categories: [...this.#categories.values()] };
  }

  #size(value: unknown): Size | undefined {
    if (value === undefined || value === null) {
      this.findings.warn('size', 'The size was taken from where the seats are');
      return undefined;
    }
    const members = this.object(value, 'size', ['width', 'height']);
    if (members === undefined) return undefined;
    const width = this.whole(member(members, 'width'), 'size.width', 1);
    const height = this.whole(member(members, 'height'), 'size.height', 1);
    return width === undefined || height === undefined ? undefined : { width, height };
  }

  #readCategories(value: unknown): void {
    this.array(value, 'categories', LIMITS.categories * 4).forEach((found, index) => {
      const path = at('categories', index);
      const members = this.object(found, path, ['name', 'color']);
      if (members === undefined) return;
      const written = this.words(member(members, 'name'), at(path, 'name'));
      const color = this.color(member(members, 'color'), at(path, 'color'));
      if (written === undefined) {
        this.#nameless(member(members, 'name'), path);
        return;
      }
      const { name, features } = readCategory(written);
      const known = this.#categories.get(name);
      // A tagged name stands for the category without tags, whose own entry may come before or after.
      if (known !== undefined && features.length === 0 && !this.#fromTag.delete(name)) {
        this.findings.warn(at(path, 'name'), 'A category is named twice; the first one counts');
        return;
      }
      if (known !== undefined && features.length > 0) return;
      if (features.length > 0) this.#fromTag.add(name);
      this.#categories.set(name, { name, ...(color === undefined ? {} : { color }) });
    });
    if (this.#categories.size > LIMITS.categories) {
      this.findings.fault('categories', `There may be at most ${LIMITS.categories} categories`);
    }
  }

  /** Categories that only a tagged name has told of so far. */
  readonly #fromTag = new Set<string>();

  #nameless(name: unknown, path: string): void {
    if (name === undefined || name === null || name === '')
      this.findings.fault(at(path, 'name'), 'A category needs a name');
  }

  #zone(value: unknown, path: string, index: number): Zone | undefined {
    const members = this.object(value, path, ['name', 'zone_id', 'uuid', 'position', 'rows', 'areas', 'displayed']);
    if (members === undefined) return undefined;
    if (member(members, 'displayed') !== undefined) {
      this.findings.warn(at(path, 'displayed'), 'Outlines of zones are not drawn; this was left out');
    }
    const zoneId = this.words(member(members, 'zone_id'), at(path, 'zone_id'));
    const name = this.words(member(members, 'name'), at(path, 'name')) ?? zoneId ?? `Zone ${index + 1}`;
    const position = this.#positionOr(member(members, 'position'), path);
    const rows = this.array(member(members, 'rows'), at(path, 'rows'), LIMITS.rows);
    const areas = this.array(member(members, 'areas'), at(path, 'areas'), LIMITS.areas);
    return {
      name,
      ...(zoneId === undefined ? {} : { zoneId }),
      ...this.#uuidOf(member(members, 'uuid'), at(path, 'uuid'), 'zone', index),
      position: position ?? { x: 0, y: 0 },
      rows: rows.flatMap((row, ordinal) => this.#row(row, at(at(path, 'rows'), ordinal), [index, ordinal, name]) ?? []),
      areas: areas.flatMap(
        (area, ordinal) => readArea(this, area, at(at(path, 'areas'), ordinal), [index, ordinal], this.#areas) ?? [],
      ),
    };
  }

  #positionOr(value: unknown, path: string): { readonly x: number; readonly y: number } | undefined {
    if (value !== undefined && value !== null) return this.point(value, at(path, 'position'));
    this.findings.warn(at(path, 'position'), 'A zone without a position begins at 0, 0');
    return undefined;
  }

  #row(value: unknown, path: string, [zone, ordinal, zoneName]: readonly [number, number, string]): Row | undefined {
    const members = this.object(value, path, ROW_MEMBERS);
    if (members === undefined) return undefined;
    const number = this.text(member(members, 'row_number'), at(path, 'row_number'));
    if (member(members, 'row_number') === undefined) this.findings.warn(at(path, 'row_number'), 'A row has no number');
    const found = this.array(member(members, 'seats'), at(path, 'seats'), LIMITS.seatsPerRow);
    if (found.length === 0) this.findings.fault(at(path, 'seats'), 'A row needs at least one seat');
    this.#seats += found.length;
    this.#checkOlder(members, path, found.length);
    const label = this.words(member(members, 'row_label'), at(path, 'row_label'));
    const seatLabel = this.words(member(members, 'seat_label'), at(path, 'seat_label'));
    const side = member(members, 'row_number_position');
    const numberPosition = this.choice(SIDES.get(String(side)) ?? side, at(path, 'row_number_position'), NUMBERED);
    const given = member(members, 'position');
    const position = given === undefined || given === null ? undefined : this.point(given, at(path, 'position'));
    const row = number ?? '';
    return {
      number: row,
      ...(label === undefined ? {} : { label }),
      ...(seatLabel === undefined ? {} : { seatLabel }),
      ...(numberPosition === undefined ? {} : { numberPosition }),
      ...this.#uuidOf(member(members, 'uuid'), at(path, 'uuid'), 'row', zone, ordinal),
      ...(position === undefined ? {} : { position }),
      // Past the limit seats are only counted: reading a hundred thousand to refuse them is of no use.
      seats:
        this.#seats > LIMITS.seats
          ? []
          : found.flatMap(
              (seat, index) => this.#seat(seat, at(at(path, 'seats'), index), [zoneName, row, index]) ?? [],
            ),
    };
  }

  #checkOlder(members: Readonly<Record<string, unknown>>, path: string, seats: number): void {
    const count = member(members, 'number_of_seats');
    if (count !== undefined && count !== seats) {
      this.findings.warn(at(path, 'number_of_seats'), 'This differs from how many seats are listed; the list counts');
    }
    if (member(members, 'seats_spacing') !== undefined) {
      this.findings.warn(at(path, 'seats_spacing'), 'Each seat has its position; the spacing was left out');
    }
  }

  #seat(value: unknown, path: string, [zone, row, index]: readonly [string, string, number]): Seat | undefined {
    const members = this.object(value, path, SEAT_MEMBERS);
    if (members === undefined) return undefined;
    const number = this.words(member(members, 'seat_number'), at(path, 'seat_number')) ?? String(index + 1);
    if (member(members, 'seat_number') === undefined)
      this.findings.warn(at(path, 'seat_number'), 'A seat was numbered');
    const guid = this.#guid(member(members, 'seat_guid'), at(path, 'seat_guid'), [zone, row, number]);
    const position = this.point(member(members, 'position'), at(path, 'position'));
    const category = this.words(member(members, 'category'), at(path, 'category'));
    const { name, features } = readCategory(category ?? '');
    if (!this.#categories.has(name)) this.#unknownCategory(member(members, 'category'), at(path, 'category'));
    const given = member(members, 'radius');
    const radius = given === undefined || given === null ? undefined : this.whole(given, at(path, 'radius'), 1);
    const startDirection = this.choice(member(members, 'start_direction'), at(path, 'start_direction'), DIRECTIONS);
    if (guid === undefined || position === undefined) return undefined;
    return {
      guid,
      number,
      ...this.#uuidOf(member(members, 'uuid'), at(path, 'uuid'), 'seat', guid),
      position,
      category: name,
      ...(features.length === 0 ? {} : { features }),
      ...(radius === undefined ? {} : { radius }),
      ...(startDirection === undefined ? {} : { startDirection }),
    };
  }

  #unknownCategory(given: unknown, path: string): void {
    this.findings.fault(
      path,
      typeof given === 'string' ? 'There is no such category in the plan' : 'A seat needs a category',
    );
  }

  #guid(value: unknown, path: string, place: readonly string[]): string | undefined {
    const given = this.words(value, path);
    if (given === undefined && value !== undefined && value !== null && value !== '') return undefined;
    if (given === undefined) this.findings.warn(path, 'A seat was given an id after its zone, row and number');
    const guid = given ?? place.join('-').slice(0, LIMITS.text);
    const first = this.#guids.get(guid);
    if (first !== undefined) {
      this.findings.fault(path, `This seat has the same id as ${first}`);
      return undefined;
    }
    this.#guids.set(guid, path);
    return guid;
  }

  /** An object's uuid where it is not the one that the export derives; a second one of the same is dropped. */
  #uuidOf(value: unknown, path: string, ...place: (string | number)[]): { readonly uuid?: string } {
    const uuid = this.words(value, path);
    if (uuid === undefined || uuid === derivedUuid(...place)) return {};
    if (this.#uuids.has(uuid)) {
      this.findings.warn(path, 'A uuid is used twice; the second object gets a new one');
      return {};
    }
    this.#uuids.set(uuid, path);
    return { uuid };
  }

  #checkRoles(zones: readonly Zone[]): void {
    let focal = 0;
    let standing = 0;
    zones.forEach(({ areas }, zone) =>
      areas.forEach(({ role }, index) => {
        const path = `zones.${zone}.areas.${index}.text`;
        if (role?.kind === 'focal point') focal += 1;
        if (role?.kind !== 'standing') return;
        standing += role.capacity;
        if (!this.#categories.has(role.category)) this.#unknownCategory(role.category, path);
      }),
    );
    if (focal > 1) this.findings.fault('zones', 'A plan has at most one focal point');
    if (standing > LIMITS.standing) {
      this.findings.fault('zones', `Standing areas may hold at most ${LIMITS.standing} people in all`);
    }
    if (zones.length > 0 && this.#seats + standing === 0) {
      this.findings.fault('zones', 'A plan needs a seat or a standing area');
    }
  }
}

const OLDER_ROW_MEMBERS = ['number_of_seats', 'seats_spacing'];
const ROW_MEMBERS = [
  'row_number',
  'row_label',
  'seat_label',
  'uuid',
  'seats',
  'row_number_position',
  'position',
  ...OLDER_ROW_MEMBERS,
];
const SEAT_MEMBERS = ['seat_guid', 'seat_number', 'uuid', 'start_direction', 'radius', 'position', 'category'];
const NUMBERED = ['start', 'end', 'both'] as const;
/** Words that some editors write for the same. */
const SIDES: ReadonlyMap<string, string> = new Map([
  ['left', 'start'],
  ['right', 'end'],
]);
const DIRECTIONS = ['<', '>', '<>'] as const;

function boundsOf(plan: SeatingPlan): Size {
  const points = [
    ...placedRows(plan).flatMap(({ row, origin }) => row.seats.map(({ position }) => shifted(origin, position))),
    ...placedAreas(plan).map(({ origin }) => origin),
  ];
  const far = (axis: 'x' | 'y'): number =>
    Math.ceil(points.reduce((most, point) => Math.max(most, point[axis]), 0)) + MARGIN;
  return { width: Math.max(1, far('x')), height: Math.max(1, far('y')) };
}
