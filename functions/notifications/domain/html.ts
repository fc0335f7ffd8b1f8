/** HTML that is safe to insert: made by {@link html} alone. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `text` with everything escaped that could open a tag, an attribute or an entity (invariant I25). */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}

/** HTML from a template literal: every value is escaped, unless it is {@link Html} itself. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const inserted = values.map((value) =>
    value instanceof Html
      ? value.source
      : typeof value === 'object'
        ? value.map(({ source }) => source).join('')
        : escapeHtml(String(value)),
  );
  return new Html(parts.reduce((text, part, index) => text + (inserted[index - 1] ?? '') + part));
}
