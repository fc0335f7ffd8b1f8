import { colorsOf } from './colors.ts';
import {
  focalPointOf,
  placedAreas,
  placedRows,
  type PlacedArea,
  type PlacedRow,
  type Point,
  type Seat,
  type SeatingPlan,
} from './plan.ts';

/** What pretix draws a seat as without a radius of its own. */
const SEAT_RADIUS = 10;
const TEXT_SIZE = 16;
const MARGIN = 20;
const LEGEND_LINE = 28;
const INK = '#333333';
const FONT = 'font-family="Noto Sans, Arial, sans-serif"';

/**
 * A plan as an SVG picture: areas, rows with their numbers, seats in the colours of their categories, the
 * focal point, and a legend below. Every text is escaped, and colours are known to be harmless, so that no
 * name changes the picture's structure (invariant I25); it holds no script and loads nothing.
 */
export function drawPlan(plan: SeatingPlan): string {
  const { width, height } = plan.size;
  const categories = colorsOf(plan);
  const colors = new Map(categories.map(({ name, color }) => [name, color]));
  const scale = Math.max(1, Math.min(width, height) / 700);
  const legend = drawLegend(categories, scale, { x: 0, y: height }, width);
  const box = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN + legend.height].map(written).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" role="img" aria-label="${escaped(plan.name)}">`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="100%" height="100%" fill="#ffffff"/>`,
    ...placedAreas(plan).map((area) => drawArea(area, colors)),
    ...placedRows(plan).map((row) => drawRow(row, colors)),
    drawFocalPoint(focalPointOf(plan), scale),
    legend.svg,
    '</svg>',
  ].join('\n');
}

type Colors = ReadonlyMap<string, string>;

function drawArea({ area, origin }: PlacedArea, colors: Colors): string {
  const { shape, text, rotation = 0, role } = area;
  const fill = area.color ?? (role?.kind === 'standing' ? (colors.get(role.category) ?? 'none') : 'none');
  const look = `fill="${fill}" stroke="${area.borderColor ?? (fill === 'none' ? INK : 'none')}"`;
  const turned = rotation === 0 ? '' : ` rotate(${written(rotation)})`;
  return [
    `<g transform="translate(${written(origin.x)} ${written(origin.y)})${turned}">`,
    shape === undefined ? '' : drawShape(shape, look),
    text === undefined
      ? ''
      : drawText(textOf(text.text, role), text.position, text.color ?? INK, text.size ?? TEXT_SIZE),
    '</g>',
  ].join('');
}

function textOf(text: string, role: PlacedArea['area']['role']): string {
  return role?.kind === 'standing' ? `${text} (${role.capacity})`.trim() : text;
}

function drawShape(shape: NonNullable<PlacedArea['area']['shape']>, look: string): string {
  switch (shape.kind) {
    case 'rectangle':
      return `<rect width="${shape.width}" height="${shape.height}" ${look}/>`;
    case 'circle':
      return `<circle r="${shape.radius}" ${look}/>`;
    case 'ellipse':
      return `<ellipse rx="${written(shape.radius.x)}" ry="${written(shape.radius.y)}" ${look}/>`;
    case 'polygon':
      return `<polygon points="${shape.points.map(({ x, y }) => `${written(x)},${written(y)}`).join(' ')}" ${look}/>`;
    case 'text':
      return '';
  }
}

function drawRow({ row, origin }: PlacedRow, colors: Colors): string {
  const [first] = row.seats;
  const last = row.seats.at(-1);
  const position = row.numberPosition;
  return [
    `<g transform="translate(${written(origin.x)} ${written(origin.y)})">`,
    ...row.seats.map((seat) => drawSeat(seat, colors.get(seat.category) ?? INK)),
    ...(first !== undefined && (position === 'start' || position === 'both')
      ? [besides(row.number, first, row.seats[1])]
      : []),
    ...(last !== undefined && (position === 'end' || position === 'both')
      ? [besides(row.number, last, row.seats.at(-2))]
      : []),
    '</g>',
  ].join('');
}

/** Wheelchair places are squares, companions are ringed, a restricted view is pale. */
function drawSeat({ position: { x, y }, radius = SEAT_RADIUS, features = [] }: Seat, color: string): string {
  const size = radius * 0.9;
  const pale = features.includes('restricted view') ? ' fill-opacity="0.45"' : '';
  const ring = features.includes('companion') ? ` stroke="${INK}" stroke-width="${written(radius / 4)}"` : '';
  const look = `fill="${color}"${pale}${ring}`;
  return features.includes('wheelchair')
    ? `<rect x="${written(x - size)}" y="${written(y - size)}" width="${written(size * 2)}" height="${written(size * 2)}" stroke="${INK}" stroke-width="${written(radius / 4)}" ${look}/>`
    : `<circle cx="${written(x)}" cy="${written(y)}" r="${written(size)}" ${look}/>`;
}

/** A row's number beyond its outermost seat, away from the next. */
function besides(number: string, outer: Seat, inner: Seat | undefined): string {
  const { x, y } = outer.position;
  const from = inner?.position ?? { x: x + 1, y };
  const step = Math.hypot(x - from.x, y - from.y) || 1;
  const away = (outer.radius ?? SEAT_RADIUS) * 2.2;
  return drawText(number, { x: x + ((x - from.x) / step) * away, y: y + ((y - from.y) / step) * away }, INK, 12);
}

function drawFocalPoint({ x, y }: Point, scale: number): string {
  const arm = written(9 * scale);
  return `<path d="M${written(x)} ${written(y)}m-${arm} 0h${written(18 * scale)}m-${arm} -${arm}v${written(18 * scale)}" stroke="#cc0000" stroke-width="${written(2 * scale)}" fill="none"/>`;
}

/** The categories side by side, as many on a line as fit. */
function drawLegend(
  categories: readonly { readonly name: string; readonly color: string }[],
  scale: number,
  from: Point,
  width: number,
): { readonly svg: string; readonly height: number } {
  const size = TEXT_SIZE * scale;
  const line = LEGEND_LINE * scale;
  let x = from.x;
  let y = from.y + line;
  const entries = categories.map(({ name, color }) => {
    const room = size * (2.5 + name.length * 0.62);
    if (x > from.x && x + room > from.x + width) {
      x = from.x;
      y += line;
    }
    const entry = `<circle cx="${written(x + size / 2)}" cy="${written(y)}" r="${written(size / 2)}" fill="${color}"/><text x="${written(x + size * 1.4)}" y="${written(y)}" dy=".35em" fill="${INK}" font-size="${written(size)}" ${FONT}>${escaped(name)}</text>`;
    x += room;
    return entry;
  });
  return { svg: entries.join(''), height: y - from.y + line };
}

function drawText(text: string, { x, y }: Point, color: string, size: number): string {
  if (text === '') return '';
  return `<text x="${written(x)}" y="${written(y)}" dy=".35em" text-anchor="middle" fill="${color}" font-size="${written(size)}" ${FONT}>${escaped(text)}</text>`;
}

/** A number with at most two decimals. */
function written(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
