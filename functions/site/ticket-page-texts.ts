/** Words of the page of a ticket. */
interface TicketPageTexts {
  readonly title: string;
  readonly wait: string;
  readonly gone: string;
  readonly failed: string;
  readonly used: string;
  /** `{number}` stands for the ticket's number. */
  readonly code: string;
  readonly when: string;
  readonly where: string;
  readonly type: string;
  readonly seat: string;
  readonly entrance: string;
  readonly holder: string;
  readonly advice: string;
  readonly apple: string;
  readonly google: string;
}

/** By language of the reader's browser. */
export const TICKET_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', TicketPageTexts>> = {
  en: {
    title: 'Your ticket',
    wait: 'One moment …',
    gone: 'This link does not show a ticket any more. The ticket has a new code, another holder, or was given back.',
    failed: 'The ticket could not be fetched. Check your connection and open the link again.',
    used: 'This ticket has been used.',
    code: 'QR code of ticket {number}',
    when: 'When',
    where: 'Where',
    type: 'Ticket',
    seat: 'Seat',
    entrance: 'Entrance',
    holder: 'Holder',
    advice:
      'Turn the brightness up and show the code at the entrance. It admits one person, once: keep this link to yourself.',
    apple: 'Add to Apple Wallet',
    google: 'Add to Google Wallet',
  },
  de: {
    title: 'Ihr Ticket',
    wait: 'Einen Moment …',
    gone: 'Dieser Link zeigt kein Ticket mehr. Es hat einen neuen Code oder Inhaber, oder es wurde zurückgegeben.',
    failed: 'Das Ticket konnte nicht geladen werden. Prüfen Sie die Verbindung und öffnen Sie den Link noch einmal.',
    used: 'Dieses Ticket wurde benutzt.',
    code: 'QR-Code des Tickets {number}',
    when: 'Wann',
    where: 'Wo',
    type: 'Ticket',
    seat: 'Platz',
    entrance: 'Eingang',
    holder: 'Inhaber',
    advice:
      'Helligkeit hochdrehen und den Code am Eingang zeigen. Er gilt für eine Person, einmal: Behalten Sie den Link für sich.',
    apple: 'Zu Apple Wallet hinzufügen',
    google: 'In Google Wallet speichern',
  },
  fr: {
    title: 'Votre billet',
    wait: 'Un instant …',
    gone: 'Ce lien ne montre plus de billet. Il a un nouveau code, un autre titulaire, ou a été rendu.',
    failed: 'Le billet n’a pas pu être chargé. Vérifiez votre connexion et rouvrez le lien.',
    used: 'Ce billet a été utilisé.',
    code: 'Code QR du billet {number}',
    when: 'Quand',
    where: 'Où',
    type: 'Billet',
    seat: 'Place',
    entrance: 'Entrée',
    holder: 'Titulaire',
    advice:
      'Augmentez la luminosité et montrez le code à l’entrée. Il vaut pour une personne, une fois : gardez ce lien pour vous.',
    apple: 'Ajouter à Apple Wallet',
    google: 'Ajouter à Google Wallet',
  },
  es: {
    title: 'Su entrada',
    wait: 'Un momento …',
    gone: 'Este enlace ya no muestra ninguna entrada. Tiene un código nuevo, otro titular, o fue devuelta.',
    failed: 'No se pudo cargar la entrada. Compruebe la conexión y abra el enlace otra vez.',
    used: 'Esta entrada ya se usó.',
    code: 'Código QR de la entrada {number}',
    when: 'Cuándo',
    where: 'Dónde',
    type: 'Entrada',
    seat: 'Asiento',
    entrance: 'Acceso',
    holder: 'Titular',
    advice: 'Suba el brillo y muestre el código en la puerta. Vale para una persona, una vez: no comparta este enlace.',
    apple: 'Añadir a Apple Wallet',
    google: 'Añadir a Google Wallet',
  },
};
