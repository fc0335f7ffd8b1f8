/** Languages that notices are written in; anybody else reads English. */
export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * The language to write to somebody in.
 *
 * @param locale BCP 47 language tag, as the person chose it
 */
export function languageOf(locale: string): Language {
  const primary = locale.split('-')[0]?.toLowerCase();
  return LANGUAGES.find((language) => language === primary) ?? 'en';
}
