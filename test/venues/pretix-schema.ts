import * as z from 'zod';

/**
 * The current generation of pretix' seating plan as its JSON schema (draft 7) has it: which members there
 * are, which must be there, and that there are no others. Written anew for the tests, to hold exports against.
 */
const position = z.strictObject({ x: z.number(), y: z.number() });
const text = z.string();

const seat = z.strictObject({
  seat_guid: text,
  seat_number: text,
  uuid: z.optional(text),
  start_direction: z.optional(z.nullable(text)),
  radius: z.optional(z.int()),
  position,
  category: text,
});

const row = z.strictObject({
  row_number: text,
  row_label: z.optional(z.nullable(text)),
  seat_label: z.optional(z.nullable(text)),
  uuid: z.optional(text),
  seats: z.array(seat),
  row_number_position: z.optional(z.nullable(z.enum(['start', 'end', 'both']))),
  position: z.optional(position),
});

const area = z.strictObject({
  color: z.optional(text),
  border_color: z.optional(text),
  rotation: z.optional(z.number()),
  position: z.optional(position),
  uuid: z.optional(text),
  shape: z.optional(z.enum(['polygon', 'rectangle', 'ellipse', 'circle', 'text'])),
  polygon: z.optional(z.strictObject({ points: z.array(position) })),
  rectangle: z.optional(z.strictObject({ width: z.int(), height: z.int() })),
  ellipse: z.optional(z.strictObject({ radius: position })),
  circle: z.optional(z.strictObject({ radius: z.int() })),
  text: z.optional(z.strictObject({ text, color: z.optional(text), size: z.optional(z.int()), position })),
});

export const pretixPlan = z.strictObject({
  name: text,
  zones: z.array(
    z.strictObject({
      name: z.optional(text),
      zone_id: z.optional(text),
      uuid: z.optional(text),
      position,
      rows: z.array(row),
      areas: z.optional(z.array(area)),
    }),
  ),
  categories: z.array(z.strictObject({ name: text, color: z.optional(text) })),
  size: z.strictObject({ width: z.int(), height: z.int() }),
});
