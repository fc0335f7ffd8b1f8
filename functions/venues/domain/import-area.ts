import { at, member, type Reader } from './findings.ts';
import { LIMITS, type Area, type AreaText, type Point, type Shape, type Size } from './plan.ts';
import { readAreaText, type TaggedText } from './tags.ts';

const CURRENT_MEMBERS = ['color', 'border_color', 'rotation', 'position', 'uuid', 'shape', 'text'];
const OLDER_MEMBERS = ['width', 'height'];
const SHAPES = ['polygon', 'rectangle', 'ellipse', 'circle', 'text'] as const;
const MEMBERS = [...CURRENT_MEMBERS, ...SHAPES, ...OLDER_MEMBERS];

/** What areas share while a plan is read. */
export interface AreaContext {
  /** Points of polygons that the plan may still have. */
  pointsLeft: number;
  readonly uuidOf: (value: unknown, path: string, ...place: (string | number)[]) => { readonly uuid?: string };
}

/**
 * Reads an area of either generation. The older one has a width, a height and a plain text, which stands in
 * its middle; it becomes a rectangle.
 */
export function readArea(
  reader: Reader,
  value: unknown,
  path: string,
  place: readonly [zone: number, area: number],
  context: AreaContext,
): Area | undefined {
  const members = reader.object(value, path, MEMBERS);
  if (members === undefined) return undefined;
  const of = (name: string): unknown => member(members, name);
  const optional = <T>(name: string, read: (found: unknown, where: string) => T | undefined): T | undefined =>
    of(name) === undefined || of(name) === null ? undefined : read(of(name), at(path, name));

  const older = of('shape') === undefined && (of('width') !== undefined || of('height') !== undefined);
  const size = older ? readSize(reader, members, path) : undefined;
  const shape: Shape | undefined = older
    ? size && { kind: 'rectangle', ...size }
    : readShape(reader, members, path, context);
  const text = optional('text', (found, where) =>
    typeof found === 'string' ? readPlainText(reader, found, where, size) : readText(reader, found, where),
  );
  const rotation = optional('rotation', (found, where) => reader.number(found, where));
  const color = reader.color(of('color'), at(path, 'color'));
  const borderColor = reader.color(of('border_color'), at(path, 'border_color'));
  const position = optional('position', (found, where) => reader.point(found, where));
  return {
    ...context.uuidOf(of('uuid'), at(path, 'uuid'), 'area', ...place),
    ...(position === undefined ? {} : { position }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(color === undefined ? {} : { color }),
    ...(borderColor === undefined ? {} : { borderColor }),
    ...(shape === undefined ? {} : { shape }),
    ...text,
  };
}

function readSize(reader: Reader, members: Readonly<Record<string, unknown>>, path: string): Size | undefined {
  const width = reader.whole(member(members, 'width'), at(path, 'width'));
  const height = reader.whole(member(members, 'height'), at(path, 'height'));
  return width === undefined || height === undefined ? undefined : { width, height };
}

type ReadText = Pick<Area, 'text' | 'role'> | undefined;

function readText(reader: Reader, value: unknown, path: string): ReadText {
  const members = reader.object(value, path, ['text', 'color', 'size', 'position']);
  if (members === undefined) return undefined;
  const tagged = tag(reader.text(member(members, 'text'), at(path, 'text')) ?? '');
  const color = reader.color(member(members, 'color'), at(path, 'color'));
  const given = member(members, 'size');
  const size = given === undefined || given === null ? undefined : reader.whole(given, at(path, 'size'), 1);
  const found = member(members, 'position');
  const position = found === undefined ? { x: 0, y: 0 } : (reader.point(found, at(path, 'position')) ?? { x: 0, y: 0 });
  return withText(tagged, {
    position,
    ...(color === undefined ? {} : { color }),
    ...(size === undefined ? {} : { size }),
  });
}

function readPlainText(reader: Reader, value: string, path: string, size: Size | undefined): ReadText {
  const text = reader.words(value, path);
  if (text === undefined) return undefined;
  reader.findings.warn(path, 'A plain text was put into the middle of its area');
  const position = size === undefined ? { x: 0, y: 0 } : { x: size.width / 2, y: size.height / 2 };
  return withText(tag(text), { position });
}

function tag(text: string): TaggedText {
  return readAreaText(text);
}

function withText({ text, role }: TaggedText, rest: Omit<AreaText, 'text'>): ReadText {
  return { text: { text, ...rest }, ...(role === undefined ? {} : { role }) };
}

function readShape(
  reader: Reader,
  members: Readonly<Record<string, unknown>>,
  path: string,
  context: AreaContext,
): Shape | undefined {
  const kind = reader.choice(member(members, 'shape'), at(path, 'shape'), SHAPES);
  if (kind === undefined || kind === 'text') return kind === undefined ? undefined : { kind };
  const where = at(path, kind);
  if (kind === 'rectangle') {
    const given = reader.object(member(members, kind), where, ['width', 'height']);
    const size = given === undefined ? undefined : readSize(reader, given, where);
    return size && { kind, ...size };
  }
  if (kind === 'polygon') {
    const given = reader.object(member(members, kind), where, ['points']);
    const points = reader.array(
      given === undefined ? undefined : member(given, 'points'),
      at(where, 'points'),
      context.pointsLeft,
    );
    context.pointsLeft -= points.length;
    return {
      kind,
      points: points.flatMap((point, index) => reader.point(point, at(at(where, 'points'), index)) ?? []),
    };
  }
  const given = reader.object(member(members, kind), where, ['radius']);
  if (given === undefined) return undefined;
  return kind === 'circle'
    ? circle(reader.whole(member(given, 'radius'), at(where, 'radius')))
    : ellipse(reader.point(member(given, 'radius'), at(where, 'radius')));
}

function circle(radius: number | undefined): Shape | undefined {
  return radius === undefined ? undefined : { kind: 'circle', radius };
}

function ellipse(radius: Point | undefined): Shape | undefined {
  return radius === undefined
    ? undefined
    : { kind: 'ellipse', radius: { x: Math.abs(radius.x), y: Math.abs(radius.y) } };
}

/** Points of polygons that a plan may have. */
export const POINTS: number = LIMITS.points;
