import type { Summary } from './summary.ts';

/** One picture of a row of three: how a figure changes with the number of blocks. */
interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly value: (summary: Summary) => number;
  readonly digits: number;
  readonly colour: string;
}

const PANELS: readonly Panel[] = [
  {
    title: 'Holds a second',
    unit: 'until 90 % of the tickets are held',
    value: (s) => s.holdsPerSecond,
    digits: 0,
    colour: '#1d6fa5',
  },
  {
    title: 'Write units a hold',
    unit: 'with all tries of its buyer',
    value: (s) => s.unitsInCrowd,
    digits: 1,
    colour: '#b3541e',
  },
  {
    title: '99 % wait no longer than',
    unit: 'milliseconds',
    value: (s) => s.p99InCrowdMs,
    digits: 0,
    colour: '#3f7d4e',
  },
];

const [WIDTH, HEIGHT, GAP, LEFT, TOP] = [280, 190, 30, 20, 62];
const ROOM = { left: 10, right: 22, top: 26, bottom: 30 };

/** What a sale comes to in so many blocks, as a picture: text and lines only, the same for the same figures. */
export function plotOf(summaries: readonly Summary[], caption: string): string {
  const width = LEFT * 2 + PANELS.length * WIDTH + (PANELS.length - 1) * GAP;
  const height = TOP + HEIGHT + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Noto Sans, Helvetica, Arial, sans-serif" role="img" aria-label="${escaped(caption)}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(LEFT, 24, escaped(caption), 'font-size="14" font-weight="bold" fill="#222"'),
    ...PANELS.flatMap((panel, index) => panelOf(panel, summaries, LEFT + index * (WIDTH + GAP))),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ title, unit, value, digits, colour }: Panel, summaries: readonly Summary[], x: number): string[] {
  const values = summaries.map(value);
  const most = Math.max(...values, 1e-9);
  const across = WIDTH - ROOM.left - ROOM.right;
  const down = HEIGHT - ROOM.top - ROOM.bottom;
  const points = values.map((each, index) => ({
    x: x + ROOM.left + (summaries.length === 1 ? across / 2 : (index / (summaries.length - 1)) * across),
    y: TOP + ROOM.top + down * (1 - each / most),
    label: each.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    blocks: (summaries[index]?.blocks ?? 0).toLocaleString('en'),
  }));
  const floor = TOP + ROOM.top + down;
  return [
    text(
      x,
      TOP - 12,
      `${title} <tspan fill="#777" font-weight="normal">${unit}</tspan>`,
      'font-size="12" font-weight="bold" fill="#222"',
    ),
    `<line x1="${x}" y1="${px(floor)}" x2="${x + WIDTH}" y2="${px(floor)}" stroke="#999"/>`,
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => `${px(point.x)},${px(point.y)}`).join(' ')}"/>`,
    ...points.flatMap((point) => [
      `<circle cx="${px(point.x)}" cy="${px(point.y)}" r="3.5" fill="${colour}"/>`,
      text(point.x, point.y - 8, point.label, `font-size="11" text-anchor="middle" fill="${colour}"`),
      text(point.x, floor + 16, point.blocks, 'font-size="11" text-anchor="middle" fill="#444"'),
    ]),
    text(x + WIDTH / 2, floor + 31, 'blocks', 'font-size="11" text-anchor="middle" fill="#777"'),
  ];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${content}</text>`;
}

function px(value: number): string {
  return value.toFixed(1);
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
