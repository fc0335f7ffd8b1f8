import * as z from 'zod/mini';

/** JSON Schema (draft 2020-12, as OpenAPI 3.1 takes it). */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The members of an object's schema by name. */
export function membersOf({ properties = {} }: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    typeof schema === 'boolean' ? [] : [[name, schema] as const],
  );
}

/** The schema of a list's items, if it is one. */
export function itemsOf({ items }: JsonSchema): JsonSchema | undefined {
  return typeof items === 'object' && !Array.isArray(items) ? items : undefined;
}

/** What a client may send: unknown members are refused, and the schema says so. */
export function requestSchema(schema: z.ZodMiniType): JsonSchema {
  return render(schema, 'input');
}

/** What a client gets: members may be added later, so the schema leaves them open. */
export function responseSchema(schema: z.ZodMiniType): JsonSchema {
  return render(schema, 'output');
}

function render(schema: z.ZodMiniType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rendered } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // The expression for a date and time says nothing to a reader that its format does not.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.type === 'number' && jsonSchema.multipleOf === 1) {
        jsonSchema.type = 'integer';
        delete jsonSchema.multipleOf;
      }
    },
  });
  return rendered;
}
