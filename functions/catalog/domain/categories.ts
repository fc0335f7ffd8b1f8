/** Languages that categories are labelled in. */
export const LABEL_LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type LabelLanguage = (typeof LABEL_LANGUAGES)[number];

/** One kind of event. The id never changes; labels may. */
export interface Category {
  readonly id: string;
  readonly labels: Readonly<Record<LabelLanguage, string>>;
  /** Other words that organizers use for it, in lower case. */
  readonly aliases: readonly string[];
}

const category = (id: string, en: string, de: string, fr: string, es: string, ...aliases: string[]): Category => ({
  id,
  labels: { en, de, fr, es },
  aliases,
});

/**
 * The governed list of categories: one event has one of them, for navigation and filters; free tags say the
 * rest. Categories are added here and never taken away, for events keep theirs.
 */
export const CATEGORIES: readonly Category[] = [
  category('music', 'Music', 'Musik', 'Musique', 'Música', 'live music'),
  category('concert', 'Concert', 'Konzert', 'Concert', 'Concierto', 'concerts', 'gig', 'rock', 'pop', 'jazz'),
  category('classical', 'Classical music', 'Klassik', 'Musique classique', 'Música clásica', 'orchestra'),
  category('opera', 'Opera', 'Oper', 'Opéra', 'Ópera'),
  category('festival', 'Festival', 'Festival', 'Festival', 'Festival', 'festivals'),
  category('club', 'Club and party', 'Club und Party', 'Club et soirée', 'Club y fiesta', 'party', 'nightlife'),
  category('theatre', 'Theatre', 'Theater', 'Théâtre', 'Teatro', 'theater', 'play', 'drama'),
  category('musical', 'Musical', 'Musical', 'Comédie musicale', 'Musical'),
  category('dance', 'Dance', 'Tanz', 'Danse', 'Danza', 'ballet'),
  category('comedy', 'Comedy', 'Comedy', 'Humour', 'Comedia', 'stand-up', 'cabaret', 'kabarett'),
  category('film', 'Film', 'Film', 'Cinéma', 'Cine', 'cinema', 'movie'),
  category('arts', 'Arts and culture', 'Kunst und Kultur', 'Arts et culture', 'Arte y cultura', 'art', 'culture'),
  category('exhibition', 'Exhibition', 'Ausstellung', 'Exposition', 'Exposición', 'museum', 'gallery'),
  category('reading', 'Reading', 'Lesung', 'Lecture', 'Lectura', 'literature'),
  category('family', 'Family', 'Familie', 'Famille', 'Familia', 'kids', 'children'),
  category('sport', 'Sport', 'Sport', 'Sport', 'Deporte', 'sports', 'football', 'basketball'),
  category('food', 'Food and drink', 'Essen und Trinken', 'Gastronomie', 'Gastronomía', 'food & drink', 'wine'),
  category('market', 'Market and fair', 'Markt und Messe', 'Marché et salon', 'Mercado y feria', 'fair', 'expo'),
  category('conference', 'Conference', 'Konferenz', 'Conférence', 'Conferencia', 'congress', 'summit', 'convention'),
  category('business', 'Business', 'Wirtschaft', 'Affaires', 'Negocios', 'networking', 'startup'),
  category('technology', 'Technology', 'Technik', 'Technologie', 'Tecnología', 'tech', 'it'),
  category('science', 'Science', 'Wissenschaft', 'Science', 'Ciencia'),
  category('education', 'Education', 'Bildung', 'Éducation', 'Educación', 'course', 'seminar', 'lecture'),
  category('workshop', 'Workshop', 'Workshop', 'Atelier', 'Taller', 'class'),
  category('health', 'Health and wellness', 'Gesundheit', 'Santé et bien-être', 'Salud y bienestar', 'wellness'),
  category('community', 'Community', 'Gemeinschaft', 'Communauté', 'Comunidad', 'meetup'),
  category('charity', 'Charity', 'Benefiz', 'Caritatif', 'Beneficencia', 'fundraiser', 'benefit'),
  category('gala', 'Gala', 'Gala', 'Gala', 'Gala', 'ball'),
  category('tour', 'Tour', 'Führung', 'Visite guidée', 'Visita guiada', 'guided tour', 'sightseeing'),
  category('outdoor', 'Outdoor', 'Im Freien', 'Plein air', 'Aire libre', 'nature', 'hike'),
  category('religion', 'Religion', 'Religion', 'Religion', 'Religión', 'church'),
  category('other', 'Other', 'Sonstiges', 'Autre', 'Otro', 'misc'),
];

const BY_WORD: ReadonlyMap<string, string> = new Map(
  // Ids come last, so that no label or alias of another category takes their place.
  [
    ...CATEGORIES.flatMap(({ id, aliases }) => aliases.map((alias): [string, string] => [alias, id])),
    ...CATEGORIES.flatMap(({ id, labels }) =>
      Object.values(labels).map((label): [string, string] => [label.toLowerCase(), id]),
    ),
    ...CATEGORIES.map(({ id }): [string, string] => [id, id]),
  ],
);

/** The id of the category that `word` names by id, label or alias, whatever its case; or undefined. */
export function categoryOf(word: string): string | undefined {
  return BY_WORD.get(word.trim().toLowerCase());
}
