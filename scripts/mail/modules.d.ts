declare module 'mjml' {
  /** What is used of MJML: it makes tables and inline styles, which mail programs agree on, of its own tags. */
  // oxlint-disable-next-line import/no-default-export -- what the package exports
  export default function mjml(
    source: string,
    options: {
      readonly validationLevel: 'strict';
      readonly fonts: Readonly<Record<string, string>>;
      readonly keepComments: boolean;
    },
  ): Promise<{ readonly html: string }>;
}
