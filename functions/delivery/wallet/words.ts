import type { PrintLanguage } from '../holder-contract.ts';
import { PRINT_WORDS } from '../print/words.ts';

/** Our own words on a pass, each under its English form: what phones in other languages show. */
const KEYS = {
  date: 'DATE',
  place: 'PLACE',
  type: 'TICKET TYPE',
  seat: 'SEAT',
  entrance: 'ENTRANCE',
  number: 'TICKET NUMBER',
  terms: 'TERMS',
} as const;
export type PassLabel = keyof typeof KEYS;

const OWN: Readonly<Record<PrintLanguage, Readonly<Record<'date' | 'place' | 'number', string>>>> = {
  en: { date: 'DATE', place: 'PLACE', number: 'TICKET NUMBER' },
  de: { date: 'DATUM', place: 'ORT', number: 'TICKETNUMMER' },
  fr: { date: 'DATE', place: 'LIEU', number: 'NUMÉRO DU BILLET' },
  es: { date: 'FECHA', place: 'LUGAR', number: 'NÚMERO DE ENTRADA' },
};

/** The label as it stands in the pass: English, and the key under which a phone finds its own language's. */
export function labelOf(label: PassLabel): string {
  return KEYS[label];
}

/** The terms as they stand in the pass; the key of {@link passStrings} as the labels are. */
export const TERMS = PRINT_WORDS.en.general;

/**
 * The texts of a `pass.strings` file. They are our own words alone, without quotes or line breaks: what an organizer or a buyer
 * has written stands in `pass.json`, where JSON escapes it (invariant I25).
 */
export function passStrings(language: PrintLanguage): Readonly<Record<string, string>> {
  const { type, seat, entrance, terms, general } = PRINT_WORDS[language];
  const words: Readonly<Record<PassLabel, string>> = {
    ...OWN[language],
    type: type.toLocaleUpperCase(language),
    seat: seat.toLocaleUpperCase(language),
    entrance: entrance.toLocaleUpperCase(language),
    terms: terms.toLocaleUpperCase(language),
  };
  const labels: readonly PassLabel[] = ['date', 'place', 'type', 'seat', 'entrance', 'number', 'terms'];
  return Object.fromEntries([...labels.map((label) => [KEYS[label], words[label]]), [TERMS, general]]);
}
