import type { Instant } from '../../shared/kernel/clock.ts';
import type { Brand } from './brand.ts';
import { languageOf, type Language } from './languages.ts';
import { TEXT_MESSAGES } from './text-message-texts.ts';

/** What is told by text message. */
export interface TextNews {
  readonly news: 'tickets' | 'paymentFailed' | 'moved' | 'changed' | 'delay' | 'reminder';
  /** Of the event, or of the order where it is about that. */
  readonly title: string;
  readonly startsAt?: Instant | undefined;
  /** IANA name; goes with `startsAt`. */
  readonly timeZone?: string | undefined;
  /** On our own site, and without a secret: whoever holds the phone still has to log in. */
  readonly url: string;
}

/** A message is billed by its segments; titles are shortened until it has no more than these. */
export const MOST_SEGMENTS = 2;

/** The basic character set of GSM 03.38 (3GPP TS 23.038 section 6.2.1), and what its extension table adds for two septets each. */
const GSM = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const GSM_EXTENDED = new Set('^{}\\[~]|€');

/**
 * How many segments a text takes: 160 septets of GSM-7 in one and 153 in each of several, or where a single character is not
 * in that set, 70 and 67 units of UCS-2. No character is cut in two, so that phones show each segment alone.
 */
export function segmentsOf(text: string): number {
  const isGsm = Array.from(text).every((sign) => GSM.has(sign) || GSM_EXTENDED.has(sign));
  const sizes = Array.from(text, (sign) => (isGsm ? (GSM_EXTENDED.has(sign) ? 2 : 1) : sign.length));
  const [alone, each] = isGsm ? [160, 153] : [70, 67];
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let segments = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > each) {
      segments += 1;
      filled = 0;
    }
    filled += size;
  }
  return segments;
}

/** Words a text message of at most {@link MOST_SEGMENTS}, in the operator's name. @param locale BCP 47 language tag */
export function wordText(
  { news, title, startsAt, timeZone, url }: TextNews,
  locale: string,
  { name }: Pick<Brand, 'name'>,
): string {
  const language = languageOf(locale);
  const when = startsAt === undefined || timeZone === undefined ? '' : shortly(startsAt, timeZone, language);
  const words = (shown: string): string => `${name}: ${TEXT_MESSAGES[language][news](shown, when)} ${url}`;
  const signs = Array.from(new Intl.Segmenter(language).segment(harmless(title)), ({ segment }) => segment);
  for (let kept = Math.min(signs.length, LONGEST_TITLE); kept > 0; kept -= 1) {
    const text = words(kept === signs.length ? signs.join('') : `${signs.slice(0, kept).join('').trimEnd()}...`);
    if (segmentsOf(text) <= MOST_SEGMENTS) return text;
  }
  return words('...');
}

const LONGEST_TITLE = 100;

/**
 * A title as it may stand in a message: on one line, without what turns the direction of what follows or cannot be seen, with
 * plain punctuation, and with nothing that a phone would make a link of. The only address in a message is ours (invariant I25).
 */
function harmless(title: string): string {
  return (
    title
      .replaceAll(/[‘’‚‛]/g, "'")
      .replaceAll(/[“”„«»]/g, '"')
      .replaceAll(/[‐-―]/g, '-')
      .replaceAll('…', '...')
      .replaceAll(/[\p{Cc}\p{Cs}\p{Z}]+/gu, ' ')
      .replaceAll(/[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu, '')
      // What makes an address of two words is the dot between them, in any of the forms that IDNA reads as one.
      .replaceAll(/\d+(?:\.\d+){3,}/g, (address) => address.replaceAll('.', '. '))
      .replaceAll(/(?<!\d)([.․。．｡])(?=[\p{L}\p{N}\p{S}])|([.․。．｡])(?=[\p{L}\p{S}])/gu, '$1$2 ')
      .replaceAll('://', ': ')
      .replaceAll(/ {2,}/g, ' ')
      .trim()
  );
}

/** `5 Dec, 20:00` in the event's own zone. */
function shortly(at: Instant, timeZone: string, language: Language): string {
  const locale = language === 'en' ? 'en-GB' : language;
  const parts = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat(locale, { ...parts, timeZone }).format(at).replaceAll(/\p{Z}/gu, ' ');
}
