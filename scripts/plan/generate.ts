import { createHash } from 'node:crypto';

/** Pixels between the middles of neighbouring seats, and between rows. */
const SEAT_PITCH = 24;
const ROW_PITCH = 30;
/** Seats between two aisles of a middling row. */
const BLOCK_SEATS = 26;
const AISLE = 60;
/** Between two tiers. */
const GANGWAY = 90;
const ROWS_PER_TIER = 22;
/** Half of the angle that the house spans around the stage, in radians. */
const HALF_ANGLE = 1.05;
const BOX_SEATS = 6;
/** Between the first seats of two boxes one behind the other. */
const BOX_PITCH = 96;
const STANDING = 'Standing';
const CATEGORIES = [
  { name: 'Front', color: '#d55e00' },
  { name: 'Stalls', color: '#0072b2' },
  { name: 'Stalls [wheelchair]', color: '#0072b2' },
  { name: 'Stalls [companion]', color: '#0072b2' },
  { name: 'Balcony', color: '#009e73' },
  { name: 'Balcony [restricted view]', color: '#009e73' },
  { name: 'Gallery', color: '#56b4e9' },
  { name: 'Gallery [restricted view]', color: '#56b4e9' },
  { name: 'Boxes', color: '#cc79a7' },
  { name: STANDING, color: '#c9a227' },
];
const BALCONIES = ['Balcony', 'Upper balcony', 'Gallery', 'Upper gallery', 'Gods'] as const;

interface Seat {
  readonly seat_guid: string;
  readonly seat_number: string;
  readonly uuid: string;
  readonly position: { readonly x: number; readonly y: number };
  category: string;
}
interface Row {
  readonly row_number: string;
  readonly row_label: string;
  readonly row_number_position: 'start' | 'end' | 'both';
  readonly uuid: string;
  readonly seats: Seat[];
}
interface Zone {
  readonly name: string;
  readonly zone_id: string;
  readonly uuid: string;
  readonly position: { readonly x: number; readonly y: number };
  readonly rows: Row[];
  readonly areas: object[];
}

/** A plan in pretix' JSON of the current generation. */
export interface GeneratedPlan {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly categories: readonly { readonly name: string; readonly color: string }[];
  readonly zones: readonly Zone[];
}

/**
 * A house with exactly `count` seats, the same for the same number: stalls and balconies in arcs around the
 * stage, cut by aisles; boxes at the sides; wheelchair places with companions at the back of the stalls; seats
 * with a restricted view at the ends of the balconies; and a standing area before the stage.
 */
export function generatePlan(count: number): GeneratedPlan {
  const house = new House(count);
  return house.build();
}

class House {
  readonly #count: number;
  readonly #zones: Zone[] = [];
  /** Radius of the first row of the stalls: larger houses are wider, not only deeper. */
  readonly #first: number;
  #left: number;
  #far = 0;

  constructor(count: number) {
    this.#count = count;
    this.#first = 260 * Math.max(1, Math.sqrt(count / 1_200));
    this.#left = count;
  }

  build(): GeneratedPlan {
    const first = this.#first;
    const boxes = Math.floor((this.#count * 0.02) / BOX_SEATS);
    this.#left -= boxes * BOX_SEATS;
    let radius = first;
    for (let tier = 0; this.#left > 0; tier += 1) radius = this.#tier(tier, radius) + GANGWAY;
    this.#boxes(boxes, first);
    this.#zones.unshift(this.#floor(first));
    return this.#framed();
  }

  /** One tier from `inner` outwards. Returns the radius of its last row. */
  #tier(tier: number, inner: number): number {
    const name = tier === 0 ? 'Stalls' : (BALCONIES[tier - 1] ?? `Tier ${tier}`);
    const arc = 2 * HALF_ANGLE * (inner + (ROWS_PER_TIER * ROW_PITCH) / 2);
    const blocks = Math.max(1, Math.round(arc / (BLOCK_SEATS * SEAT_PITCH + AISLE)));
    const zones = Array.from({ length: blocks }, (_unused, block) =>
      zone(blocks === 1 ? name : `${name} ${block + 1}`, `${tier}${String(block + 1).padStart(2, '0')}`),
    );
    let radius = inner;
    let row = 0;
    for (; row < ROWS_PER_TIER && this.#left > 0; row += 1) {
      radius = inner + row * ROW_PITCH;
      for (const [block, into] of zones.entries()) this.#row(into, tier, row, radius, block, blocks);
    }
    const filled = zones.filter(({ rows }) => rows.length > 0);
    if (tier === 0) filled.forEach(accessible);
    this.#zones.push(...filled);
    return radius;
  }

  #row(into: Zone, tier: number, row: number, radius: number, block: number, blocks: number): void {
    const from = -HALF_ANGLE + (2 * HALF_ANGLE * block) / blocks + AISLE / 2 / radius;
    const until = -HALF_ANGLE + (2 * HALF_ANGLE * (block + 1)) / blocks - AISLE / 2 / radius;
    const room = Math.floor(((until - from) * radius) / SEAT_PITCH);
    const seats = Math.min(room, this.#left);
    if (seats <= 0) return;
    const step = SEAT_PITCH / radius;
    const start = (from + until) / 2 - ((seats - 1) * step) / 2;
    const label = rowName(row);
    const category = tier === 0 ? (row < 6 ? 'Front' : 'Stalls') : tier === 1 ? 'Balcony' : 'Gallery';
    into.rows.push(
      rowOf(into, label, seats, (index) => {
        const angle = start + index * step;
        const restricted = tier > 0 && Math.abs(angle) > HALF_ANGLE * 0.94;
        return {
          position: { x: rounded(Math.sin(angle) * radius), y: rounded(Math.cos(angle) * radius) },
          category: restricted ? `${category} [restricted view]` : category,
        };
      }),
    );
    this.#left -= seats;
    this.#far = Math.max(this.#far, radius);
  }

  /** Boxes in two columns beside the stage. */
  #boxes(boxes: number, first: number): void {
    for (let box = 0; box < boxes; box += 1) {
      const side = box % 2 === 0 ? -1 : 1;
      const tier = Math.floor(box / 2) % 12;
      const column = Math.floor(box / 24);
      const into = zone(`Box ${box + 1}`, `B${box + 1}`);
      const x = side * (first * 0.95 + column * 90);
      const y = tier * BOX_PITCH - 6 * BOX_PITCH;
      for (const front of [0, 1]) {
        into.rows.push(
          rowOf(into, String(front + 1), BOX_SEATS / 2, (index) => ({
            position: { x: rounded(x + side * front * SEAT_PITCH), y: rounded(y + index * SEAT_PITCH) },
            category: 'Boxes',
          })),
        );
      }
      this.#zones.push(into);
    }
  }

  #floor(first: number): Zone {
    const floor = zone('Floor', 'F');
    const stage = first * 0.9;
    const deep = Math.max(100, first * 0.3);
    const size = Math.round(deep * 0.28);
    const area = (place: string, more: object): void => {
      floor.areas.push({ uuid: uuid('area', place), rotation: 0, ...more });
    };
    area('stage', {
      shape: 'rectangle',
      color: '#4a4a4a',
      border_color: '#222222',
      position: { x: -stage / 2, y: -deep - 10 },
      rectangle: { width: Math.round(stage), height: Math.round(deep) },
      text: { text: 'Stage [focal point]', color: '#ffffff', size, position: { x: stage / 2, y: deep * 0.3 } },
    });
    const capacity = Math.max(50, Math.round(this.#count * 0.1));
    area('pit', {
      shape: 'ellipse',
      color: '#f6e3b4',
      border_color: '#c9a227',
      position: { x: 0, y: first * 0.42 },
      ellipse: { radius: { x: rounded(first * 0.55), y: rounded(first * 0.3) } },
      text: { text: `Pit [standing ${capacity}: ${STANDING}]`, color: '#333333', size, position: { x: 0, y: 0 } },
    });
    return floor;
  }

  /** Moves everything into view. */
  #framed(): GeneratedPlan {
    const xs = this.#zones.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats.map(({ position }) => position.x)));
    const ys = this.#zones.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats.map(({ position }) => position.y)));
    const left = xs.reduce((least, x) => Math.min(least, x), 0) - 60;
    const top = ys.reduce((least, y) => Math.min(least, y), -Math.max(110, 0.3 * this.#first)) - 40;
    const width = Math.ceil(xs.reduce((most, x) => Math.max(most, x), 0) + 60 - left);
    const height = Math.ceil(Math.max(this.#far, 0) + 60 - top);
    const origin = { x: rounded(-left), y: rounded(-top) };
    return {
      name: `Generated house of ${this.#count}`,
      size: { width, height },
      categories: this.#categories(),
      zones: this.#zones.map((each) => ({ ...each, position: origin })),
    };
  }

  /** Those that have places, so that each can be sold. */
  #categories(): GeneratedPlan['categories'] {
    const used = new Set(
      this.#zones.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats.map(({ category }) => category))),
    );
    return CATEGORIES.filter(({ name }) => name === STANDING || used.has(name));
  }
}

/** The last row of a block of the stalls has a wheelchair place with a companion at each end. */
function accessible({ rows }: Zone): void {
  const last = rows.at(-1);
  const [outer, inner] = last?.seats ?? [];
  const [inmost, outmost] = last?.seats.slice(-2) ?? [];
  if (last === undefined || last.seats.length < 8 || rows.length < 7) return;
  for (const place of [outer, outmost]) if (place !== undefined) place.category = 'Stalls [wheelchair]';
  for (const place of [inner, inmost]) if (place !== undefined) place.category = 'Stalls [companion]';
}

function zone(name: string, zoneId: string): Zone {
  return { name, zone_id: zoneId, uuid: uuid('zone', zoneId), position: { x: 0, y: 0 }, rows: [], areas: [] };
}

function rowOf(
  into: Zone,
  label: string,
  seats: number,
  place: (index: number) => Pick<Seat, 'position' | 'category'>,
): Row {
  return {
    row_number: label,
    row_label: `Row ${label}`,
    row_number_position: 'start',
    uuid: uuid('row', into.zone_id, label),
    seats: Array.from({ length: seats }, (_unused, index) => {
      const number = String(index + 1);
      const guid = `${into.zone_id}-${label}-${number}`;
      return { seat_guid: guid, seat_number: number, uuid: uuid('seat', guid), ...place(index) };
    }),
  };
}

/** `A`, `B`, … without `I` and `O`, which look like figures. */
function rowName(row: number): string {
  return 'ABCDEFGHJKLMNPQRSTUVWXYZ'.charAt(row % 24) + (row < 24 ? '' : String(Math.floor(row / 24)));
}

/** As an editor gives them out, but always the same. */
function uuid(...of: readonly string[]): string {
  const hex = createHash('sha256').update(of.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
