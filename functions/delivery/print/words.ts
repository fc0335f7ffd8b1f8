import type { PrintLanguage } from '../holder-contract.ts';

/** Our own words on a ticket. */
export interface PrintWords {
  readonly admitOne: string;
  readonly ticket: string;
  readonly tickets: (orderNumber: string) => string;
  readonly type: string;
  readonly seat: string;
  readonly entrance: string;
  readonly holder: string;
  readonly order: string;
  readonly code: string;
  readonly terms: string;
  readonly position: (position: number, count: number) => string;
  readonly page: (position: number, count: number) => string;
  readonly qr: (number: string) => string;
  readonly image: (title: string) => string;
  readonly advice: readonly (readonly [string, string])[];
  readonly age: (years: number) => string;
  readonly cancel: (hours: number) => string;
  readonly general: string;
}

const en: PrintWords = {
  admitOne: 'ADMIT ONE',
  ticket: 'Ticket',
  tickets: (orderNumber) => `Tickets of order ${orderNumber}`,
  type: 'Ticket type',
  seat: 'Seat',
  entrance: 'Entrance',
  holder: 'Holder',
  order: 'Order',
  code: 'Code',
  terms: 'Terms',
  position: (position, count) => `${position} of ${count}`,
  page: (position, count) => `page ${position} of ${count}`,
  qr: (number) => `QR code of ticket ${number}`,
  image: (title) => `Picture of ${title}`,
  advice: [
    ['Show this code', 'On paper or on your screen. Turn the brightness up and keep the page flat.'],
    ['It admits one person, once', 'Whoever shows the code first goes in. Do not post or forward a picture of it.'],
    ['Changed plans?', 'Look at your order online for the rules of this event before you travel.'],
  ],
  age: (years) => `Admission from ${years} years.`,
  cancel: (hours) => `May be cancelled up to ${hours} hours before it starts.`,
  general: 'Valid only with an intact code; a newer code, a refund or a transfer makes this ticket void.',
};

const de: PrintWords = {
  admitOne: 'EINTRITT FÜR EINE PERSON',
  ticket: 'Ticket',
  tickets: (orderNumber) => `Tickets der Bestellung ${orderNumber}`,
  type: 'Ticketart',
  seat: 'Platz',
  entrance: 'Eingang',
  holder: 'Inhaber',
  order: 'Bestellung',
  code: 'Code',
  terms: 'Bedingungen',
  position: (position, count) => `${position} von ${count}`,
  page: (position, count) => `Seite ${position} von ${count}`,
  qr: (number) => `QR-Code des Tickets ${number}`,
  image: (title) => `Bild von ${title}`,
  advice: [
    ['Code vorzeigen', 'Auf Papier oder am Bildschirm. Helligkeit hochdrehen, Blatt glatt halten.'],
    ['Eine Person, einmal', 'Wer den Code zuerst zeigt, kommt hinein. Kein Bild davon posten oder weitergeben.'],
    ['Andere Pläne?', 'Die Regeln dieser Veranstaltung stehen bei Ihrer Bestellung.'],
  ],
  age: (years) => `Einlass ab ${years} Jahren.`,
  cancel: (hours) => `Stornierbar bis ${hours} Stunden vor Beginn.`,
  general: 'Nur mit unversehrtem Code gültig; ein neuerer Code, Erstattung oder Weitergabe machen es ungültig.',
};

const fr: PrintWords = {
  admitOne: 'ENTRÉE POUR UNE PERSONNE',
  ticket: 'Billet',
  tickets: (orderNumber) => `Billets de la commande ${orderNumber}`,
  type: 'Type de billet',
  seat: 'Place',
  entrance: 'Entrée',
  holder: 'Titulaire',
  order: 'Commande',
  code: 'Code',
  terms: 'Conditions',
  position: (position, count) => `${position} sur ${count}`,
  page: (position, count) => `page ${position} sur ${count}`,
  qr: (number) => `Code QR du billet ${number}`,
  image: (title) => `Image de ${title}`,
  advice: [
    ['Présentez ce code', 'Sur papier ou à l’écran. Augmentez la luminosité, gardez la page à plat.'],
    ['Une personne, une fois', 'Le premier qui présente le code entre. N’en publiez pas de photo.'],
    ['Un changement ?', 'Les règles de cet événement figurent avec votre commande.'],
  ],
  age: (years) => `Entrée à partir de ${years} ans.`,
  cancel: (hours) => `Annulable jusqu’à ${hours} heures avant le début.`,
  general: 'Valable avec un code intact ; un code plus récent, un remboursement ou une cession l’annule.',
};

const es: PrintWords = {
  admitOne: 'ENTRADA PARA UNA PERSONA',
  ticket: 'Entrada',
  tickets: (orderNumber) => `Entradas del pedido ${orderNumber}`,
  type: 'Tipo de entrada',
  seat: 'Asiento',
  entrance: 'Acceso',
  holder: 'Titular',
  order: 'Pedido',
  code: 'Código',
  terms: 'Condiciones',
  position: (position, count) => `${position} de ${count}`,
  page: (position, count) => `página ${position} de ${count}`,
  qr: (number) => `Código QR de la entrada ${number}`,
  image: (title) => `Imagen de ${title}`,
  advice: [
    ['Muestre este código', 'En papel o en pantalla. Suba el brillo y mantenga la hoja lisa.'],
    ['Una persona, una vez', 'Entra quien muestra el código primero. No publique fotos de él.'],
    ['¿Cambio de planes?', 'Las reglas de este evento están en su pedido.'],
  ],
  age: (years) => `Acceso a partir de ${years} años.`,
  cancel: (hours) => `Se puede cancelar hasta ${hours} horas antes del comienzo.`,
  general: 'Válida solo con el código intacto; un código nuevo, un reembolso o una cesión la anulan.',
};

/** Our own words, by language. */
export const PRINT_WORDS: Readonly<Record<PrintLanguage, PrintWords>> = { en, de, fr, es };
