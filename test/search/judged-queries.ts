/** How well an event answers a query: 3 is what was meant, 2 a good answer, 1 one of several that are fair. */
export type Grade = 1 | 2 | 3;

/** A query as people type it, with every event of the judged set that answers it. */
export interface JudgedQuery {
  readonly q: string;
  /** Why these, and what a worse index would do. */
  readonly why: string;
  readonly wanted: Readonly<Record<string, Grade>>;
  /** What must not be among the first ten. */
  readonly unwanted?: readonly string[];
}

/** Judged queries by what makes them hard. Judgements are of the events in `judged-events.ts` and of none that is generated. */
export const JUDGED_QUERIES: Readonly<Record<string, readonly JudgedQuery[]>> = {
  'words as they are': [
    { q: 'mozart', why: 'both titles have it', wanted: { requiem: 3, candlelight: 3 } },
    { q: 'Hamlet', why: 'the play is meant, the village merely begins so', wanted: { hamlet: 3, village: 1 } },
    { q: 'the the', why: 'a band of stop words only', wanted: { theThe: 3 } },
    { q: 'AC/DC', why: 'two short tokens that belong together', wanted: { acdc: 3 } },
    { q: 'u2', why: 'a number forgives nothing: not U3, not "us"', wanted: { u2: 3 } },
    { q: '1984', why: 'a title that is a number, not a year near it', wanted: { orwell: 3 } },
    { q: 'stand-up', why: 'hyphens are no part of words', wanted: { standup: 3 } },
  ],
  'beginnings, while one is still typing': [
    { q: 'elbph', why: 'a venue half typed', wanted: { nights: 3 } },
    { q: 'beyo', why: 'a performer half typed, without the accent', wanted: { tribute: 3 } },
    { q: 'swan la', why: 'the last word is unfinished, the first is whole', wanted: { swanLake: 3 } },
    { q: 'weihnachts', why: 'the first half of compounds', wanted: { christmas: 3, market: 3 } },
    {
      q: 'праз',
      why: 'a beginning that nothing has finds nothing similar by accident',
      wanted: {},
      unwanted: ['swans'],
    },
    { q: 'Санкт-П', why: 'a city half typed across a hyphen', wanted: { romances: 3 } },
    { q: 'サマー', why: 'the first letters of a word without spaces', wanted: { summer: 3 } },
    { q: 'ham', why: 'three letters begin a title and two places', wanted: { hamlet: 3, village: 2, nights: 1 } },
  ],
  'typing errors': [
    { q: 'tchaikovski', why: 'one letter replaced', wanted: { swanLake: 3 } },
    { q: 'filharmonic nights', why: 'ph for f: two errors in a long word', wanted: { nights: 3 } },
    { q: 'beyonse', why: 'one letter replaced, the accent left out', wanted: { tribute: 3 } },
    { q: 'zaubreflöte', why: 'neighbours swapped', wanted: { flute: 3 } },
    { q: 'kirchencor', why: 'a letter left out', wanted: { choir: 3 } },
    { q: 'harbor lights', why: 'American for British', wanted: { harbour: 3 } },
    { q: 'edinbrugh wolf', why: 'an error in the city, a word of the title', wanted: { wolf: 3 } },
    { q: 'лебидиное озеро', why: 'an error in Cyrillic', wanted: { swans: 3 } },
    { q: 'oktoberfset', why: 'neighbours swapped at the end', wanted: { brass: 3 } },
    { q: 'kuberntes', why: 'an error in a tag', wanted: { summit: 3 } },
    {
      q: 'سنفونية',
      why: 'nothing is like it; similar words of other events are no answer',
      wanted: {},
      unwanted: ['cairo', 'poetry'],
    },
    { q: 'ruck', why: 'a typing error of four letters', wanted: { rock: 3 } },
  ],
  'accents and other marks': [
    { q: 'dvorak', why: 'háček and accent left out', wanted: { newWorld: 3 } },
    { q: 'bjork', why: 'the way most keyboards type it', wanted: { songbook: 3 } },
    { q: 'smorrebrod', why: 'ø does not decompose', wanted: { smorrebrod: 3 } },
    { q: 'lodz', why: 'neither does ł', wanted: { lights: 3 } },
    { q: 'istanbul', why: 'a capital dotted İ lowers to i and a mark', wanted: { caz: 3 } },
    { q: 'edith piaf', why: 'a capital É', wanted: { piaf: 3 } },
    { q: 'concert de noel', why: 'ë, and an article between', wanted: { noel: 3 } },
    { q: 'sao paulo', why: 'ã in venue and city', wanted: { samba: 3 } },
    { q: 'ciudad de mexico', why: 'é, and a preposition', wanted: { zarzuela: 3 } },
    { q: 'ÉTRANGER', why: 'typed in capitals, behind an elided article', wanted: { stranger: 3 } },
    { q: 'Алена Федорова', why: 'е for ё, as Russians type', wanted: { romances: 3 } },
    { q: 'συναυλια', why: 'without tonos, with the final sigma of the next word near', wanted: { athens: 3 } },
    { q: 'احمد الخطيب', why: 'alif without hamza', wanted: { poetry: 3 } },
    { q: 'عمان', why: 'without shadda', wanted: { poetry: 3 } },
    { q: 'dem nhac', why: 'đ and tones left out', wanted: { hanoi: 3 } },
  ],
  'spellings of German': [
    { q: 'muenchen', why: 'ue for ü: cities written either way', wanted: { marathon: 3, robber: 2, brass: 2 } },
    { q: 'münchen', why: 'and the other way round', wanted: { robber: 3, brass: 3, marathon: 3 } },
    { q: 'duesseldorf', why: 'ue for ü', wanted: { carnival: 3 } },
    { q: 'koeln', why: 'a short word, in which an error would be half of it', wanted: { youth: 3 } },
    { q: 'zauberfloete', why: 'oe for ö in a long word', wanted: { flute: 3 } },
    { q: 'raeuber', why: 'ae for ä before u', wanted: { robber: 3 } },
    { q: 'großstadt', why: 'ß for ss is the same letter', wanted: { revue: 3 } },
    { q: 'johann strauss', why: 'ss for ß', wanted: { strauss: 3 } },
    { q: 'bauer', why: 'a name in which ue is no umlaut', wanted: { standup: 3 } },
  ],
  'ends of compounds': [
    { q: 'orchester', why: 'chamber and symphony orchestras are orchestras', wanted: { chamber: 3, youth: 3 } },
    { q: 'konzert weihnachten', why: 'both halves asked for by themselves', wanted: { christmas: 3 } },
    { q: 'chor', why: 'four letters, behind a whole word', wanted: { choir: 3 } },
    { q: 'führung', why: 'a guided tour of the town; the category says it too', wanted: { walk: 3 } },
    { q: 'kapelle', why: 'two orchestras', wanted: { flute: 3, brass: 3 } },
    { q: 'rock', why: 'is not in Barock', wanted: { rock: 3 }, unwanted: ['baroque'] },
    { q: 'revue', why: 'behind a word with ß', wanted: { revue: 3 } },
    { q: 'film', why: 'the night of short films is one, by title and category', wanted: { shorts: 3 } },
  ],
  'other scripts': [
    { q: '東京', why: 'city, venue and title', wanted: { tokyo: 3 } },
    { q: 'ジャズ', why: 'katakana within a run', wanted: { tokyo: 3 } },
    { q: 'じゃず', why: 'hiragana for katakana', wanted: { tokyo: 3 } },
    { q: '歌舞伎', why: 'three letters, two pairs', wanted: { kabuki: 3 } },
    { q: 'サマーライブ2027', why: 'half-width digits for full-width ones', wanted: { summer: 3 } },
    { q: '音乐会', why: 'the end of a run', wanted: { newYear: 3 } },
    { q: '茶', why: 'a single letter inside a run', wanted: { tea: 3 } },
    { q: '재즈', why: 'Hangul', wanted: { seoul: 3 } },
    { q: '콘서트 부산', why: 'Hangul of two fields', wanted: { busan: 3 } },
    { q: 'أم كلثوم', why: 'a short and a long word', wanted: { cairo: 3 } },
    { q: 'большой театр', why: 'a venue in Cyrillic', wanted: { swans: 3 } },
    { q: 'ירושלים', why: 'Hebrew', wanted: { jerusalem: 3 } },
    { q: 'ดนตรี', why: 'Thai within a run', wanted: { bangkok: 3 } },
    { q: 'संगीत', why: 'Devanagari, whose vowels are marks', wanted: { delhi: 3 } },
  ],
  'several fields': [
    {
      q: 'mozart wien',
      why: 'title and city: not the one in London',
      wanted: { requiem: 3 },
      unwanted: ['candlelight'],
    },
    { q: 'hamburg philharmonic', why: 'the other way round', wanted: { nights: 3 } },
    { q: 'oper berlin', why: 'category and city, the venue a compound', wanted: { flute: 3 } },
    { q: 'orchestra edinburgh', why: 'performer and city', wanted: { wolf: 3 } },
    { q: 'london theatre', why: 'city and category: two plays', wanted: { hamlet: 3, orwell: 3 } },
    { q: 'sofia nunez sevilla', why: 'a performer and a city, accents left out', wanted: { flamenco: 3 } },
    { q: 'fireworks portsmouth', why: 'tag and city', wanted: { harbour: 3 } },
    {
      q: 'mozart requiem london',
      why: 'nothing has all: what has most comes first',
      wanted: { requiem: 3, candlelight: 3 },
    },
  ],
  'words of the description': [
    { q: 'meditation', why: 'said twice and in no other field', wanted: { yoga: 3 } },
    { q: 'felsengänge nürnberg', why: 'a keyword and the city', wanted: { walk: 3 } },
  ],
};
