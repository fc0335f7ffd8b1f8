import type { Searchable } from '../../functions/catalog/contract.ts';
import { CATEGORIES } from '../../functions/catalog/domain/categories.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { event, NOW } from './events.ts';

type Place = readonly [venue: string, city: string];

/** An event of the judged set; like the catalogue, it is found by its category's names in every language as well. */
function judged(
  name: string,
  title: string,
  category: string,
  [venueName, city]: Place,
  more: Partial<Pick<Searchable, 'performers' | 'tags' | 'description'>> = {},
): Searchable {
  const labels = Object.values(CATEGORIES.find(({ id }) => id === category)?.labels ?? {});
  return event(title, {
    eventId: derivedId('judged', name),
    category,
    venueName,
    city,
    performers: more.performers ?? [],
    tags: [...(more.tags ?? []), ...labels],
    description: more.description ?? '',
    startsAt: NOW + (20 + Object.keys(names).length) * DAY,
  });
}

const names: Record<string, string> = {};

/** By name: what queries are judged against. */
function all(given: Readonly<Record<string, readonly [string, string, Place, object?]>>): readonly Searchable[] {
  return Object.entries(given).map(([name, [title, category, place, more]]) => {
    const made = judged(name, title, category, place, more);
    names[made.eventId] = name;
    return made;
  });
}

/** What an event is called in judgements. */
export function judgedName(eventId: string): string {
  return names[eventId] ?? 'another';
}

/** Events as a site would have them, in the languages and scripts of their places. */
export const JUDGED_EVENTS: readonly Searchable[] = all({
  requiem: ['Mozart: Requiem', 'classical', ['Musikverein', 'Wien'], { performers: ['Wiener Symphoniker'] }],
  candlelight: ['Mozart by Candlelight', 'classical', ['St Bride’s', 'London'], { tags: ['candlelight'] }],
  flute: ['Die Zauberflöte', 'opera', ['Staatsoper', 'Berlin'], { performers: ['Staatskapelle Berlin'] }],
  christmas: ['Weihnachtskonzert der Kantorei', 'classical', ['Kreuzkirche', 'Dresden']],
  market: ['Weihnachtsmarkt am Schloss', 'market', ['Altes Schloss', 'Stuttgart']],
  chamber: ['Kammerorchester Basel spielt Haydn', 'classical', ['Tonhalle', 'Zürich']],
  youth: ['Junges Sinfonieorchester', 'classical', ['Philharmonie', 'Köln']],
  nights: ['Philharmonic Nights', 'classical', ['Elbphilharmonie', 'Hamburg']],
  shorts: ['Lange Kurzfilmnacht', 'film', ['Passage Kinos', 'Leipzig']],
  choir: ['Sommersingen mit dem Kirchenchor', 'community', ['Münster', 'Freiburg']],
  walk: [
    'Stadtführung durch die Altstadt',
    'tour',
    ['Hauptmarkt', 'Nürnberg'],
    { description: 'Felsengänge, Felsengänge.' },
  ],
  robber: ['Kindertheater: Der Räuber im Wald', 'family', ['Schauburg', 'München']],
  brass: ['Oktoberfest mit Blaskapelle', 'festival', ['Theresienwiese', 'München']],
  marathon: ['Muenchen Marathon', 'sport', ['Olympiapark', 'Muenchen']],
  carnival: ['Karneval am Rhein', 'festival', ['Tonhalle', 'Düsseldorf']],
  revue: ['Großstadtrevue', 'theatre', ['Admiralspalast', 'Berlin']],
  strauss: ['Johann-Strauß-Gala', 'gala', ['Hofburg', 'Wien']],
  tribute: ['Beyoncé Tribute Night', 'club', ['Electric Ballroom', 'London']],
  newWorld: [
    'Symphony from the New World',
    'classical',
    ['Rudolfinum', 'Praha'],
    { performers: ['Antonín Dvořák Orchestra'] },
  ],
  songbook: ['Björk Songbook', 'music', ['Harpa', 'Reykjavík']],
  smorrebrod: ['Smørrebrød og jazz', 'food', ['Nørrebro Hal', 'København']],
  lights: ['Festiwal Światła', 'festival', ['Manufaktura', 'Łódź']],
  caz: ['İstanbul Caz Gecesi', 'concert', ['Zorlu', 'İstanbul']],
  piaf: ['Hommage à Édith Piaf', 'concert', ['L’Olympia', 'Paris'], { tags: ['chanson'] }],
  stranger: ['Café-théâtre : L’Étranger', 'theatre', ['Les Célestins', 'Lyon']],
  montreal: ['Festival de jazz', 'festival', ['Place des Arts', 'Montréal']],
  noel: ['Concert de Noël', 'concert', ['Cathédrale', 'Strasbourg']],
  flamenco: ['Noche flamenca', 'dance', ['Teatro Lope de Vega', 'Sevilla'], { performers: ['Sofía Núñez'] }],
  zarzuela: ['Gala de zarzuela', 'opera', ['Palacio de Bellas Artes', 'Ciudad de México']],
  seafood: ['Fiesta del marisco', 'food', ['Puerto', 'A Coruña']],
  samba: ['Noite de samba', 'music', ['Sala São Paulo', 'São Paulo'], { performers: ['João Almeida'] }],
  tokyo: ['東京ジャズフェスティバル', 'festival', ['東京国際フォーラム', '東京']],
  kabuki: ['歌舞伎 春の公演', 'theatre', ['南座', '京都'], { tags: ['古典芸能'] }],
  summer: ['サマーライブ２０２７', 'concert', ['大阪城ホール', '大阪']],
  newYear: ['新年音乐会', 'classical', ['国家大剧院', '北京']],
  tea: ['中国茶文化展', 'exhibition', ['上海博物馆', '上海']],
  seoul: ['재즈 페스티벌', 'festival', ['올림픽공원', '서울']],
  busan: ['케이팝 콘서트', 'concert', ['벡스코', '부산']],
  cairo: ['ليلة أم كلثوم', 'concert', ['دار الأوبرا المصرية', 'القاهرة']],
  poetry: ['أمسية شعرية', 'reading', ['مركز الحسين الثقافي', 'عمّان'], { performers: ['أحمد الخطيب'] }],
  swans: ['Лебединое озеро', 'dance', ['Большой театр', 'Москва'], { performers: ['Балет Кремля'] }],
  romances: ['Русские романсы', 'concert', ['Капелла', 'Санкт-Петербург'], { performers: ['Алёна Фёдорова'] }],
  athens: ['Συναυλία στο Ηρώδειο', 'concert', ['Ηρώδειο', 'Αθήνα']],
  swanLake: ['Tchaikovsky: Swan Lake', 'dance', ['Royal Opera House', 'London']],
  jerusalem: ['פסטיבל האור', 'festival', ['העיר העתיקה', 'ירושלים']],
  bangkok: ['เทศกาลดนตรี', 'festival', ['สวนลุมพินี', 'กรุงเทพ']],
  delhi: ['दिल्ली संगीत महोत्सव', 'festival', ['सिरी फोर्ट', 'दिल्ली']],
  hanoi: ['Đêm nhạc Trịnh Công Sơn', 'concert', ['Nhà hát Lớn', 'Hà Nội']],
  rock: ['Rock Night', 'concert', ['Academy', 'Manchester']],
  baroque: ['Barocke Klänge', 'classical', ['Orangerie', 'Ansbach']],
  u2: ['U2 Tribute', 'concert', ['Academy', 'Dublin']],
  orwell: ['1984', 'theatre', ['Playhouse', 'London'], { performers: ['Headlong Players'] }],
  acdc: ['AC/DC Revival Band', 'concert', ['Barrowland', 'Glasgow']],
  theThe: ['The The', 'concert', ['Roundhouse', 'London']],
  harbour: ['Harbour Lights Festival', 'festival', ['Guildhall', 'Portsmouth'], { tags: ['fireworks'] }],
  wine: ['Weinprobe an der Mosel', 'food', ['Kurfürstliches Palais', 'Trier']],
  yoga: [
    'Yoga at Sunrise',
    'health',
    ['Beach Lawns', 'Brighton'],
    { description: 'Meditation and breath. Meditation for all, breath by breath.' },
  ],
  standup: ['Stand-up im Keller', 'comedy', ['Quatsch', 'Berlin'], { performers: ['Michaela Bauer'] }],
  summit: ['Cloud Native Summit', 'technology', ['Messe Nord', 'Frankfurt'], { tags: ['serverless', 'kubernetes'] }],
  wolf: ['Peter and the Wolf', 'family', ['Usher Hall', 'Edinburgh'], { performers: ['Royal Scottish Orchestra'] }],
  hamlet: ['Hamlet', 'theatre', ['Globe', 'London']],
  village: ['Dorffest Hamletsgrund', 'community', ['Festwiese', 'Hamletsgrund']],
});
