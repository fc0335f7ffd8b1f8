/** What the page on which mails are unsubscribed from says, in one language; handed to its script as data. */
export interface UnsubscribePageTexts {
  readonly title: string;
  readonly lead: string;
  readonly button: string;
  /** What still comes. */
  readonly still: string;
  /** By what has been stopped. */
  readonly done: Readonly<Record<'notices' | 'reminders', string>>;
  readonly dead: string;
  readonly failed: string;
}

/** The words of each language. */
export const UNSUBSCRIBE_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', UnsubscribePageTexts>> = {
  en: {
    title: 'Unsubscribe',
    lead: 'Do you want no more mails of this kind?',
    button: 'Unsubscribe',
    still: 'Your tickets, refunds, and when an event moves or is cancelled: of these we write to you all the same.',
    done: {
      notices: 'You will get no more notices from organisers. In your profile you can have them back.',
      reminders: 'You will get no more reminders. In your profile you can have them back.',
    },
    dead: 'This link is not complete. Open it from the mail once more, or choose in your profile which mails you get.',
    failed: 'That did not work. Try again in a moment.',
  },
  de: {
    title: 'Abbestellen',
    lead: 'Möchten Sie keine E-Mails dieser Art mehr bekommen?',
    button: 'Abbestellen',
    still:
      'Ihre Tickets, Erstattungen, und wenn eine Veranstaltung verlegt oder abgesagt wird: Davon schreiben wir Ihnen trotzdem.',
    done: {
      notices: 'Sie bekommen keine Mitteilungen von Veranstaltern mehr. In Ihrem Profil können Sie das ändern.',
      reminders: 'Sie bekommen keine Erinnerungen mehr. In Ihrem Profil können Sie das ändern.',
    },
    dead: 'Dieser Link ist unvollständig. Öffnen Sie ihn noch einmal aus der E-Mail, oder wählen Sie in Ihrem Profil.',
    failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
  },
  fr: {
    title: 'Se désabonner',
    lead: 'Ne voulez-vous plus recevoir de messages de ce genre ?',
    button: 'Se désabonner',
    still:
      'Vos billets, vos remboursements, et le report ou l’annulation d’un événement : nous vous en écrirons malgré tout.',
    done: {
      notices: 'Vous ne recevrez plus de messages des organisateurs. Vous pouvez y revenir dans votre profil.',
      reminders: 'Vous ne recevrez plus de rappels. Vous pouvez y revenir dans votre profil.',
    },
    dead: 'Ce lien est incomplet. Rouvrez-le depuis le message, ou choisissez dans votre profil.',
    failed: 'Cela n’a pas fonctionné. Réessayez dans un instant.',
  },
  es: {
    title: 'Darse de baja',
    lead: '¿No quiere recibir más mensajes de este tipo?',
    button: 'Darse de baja',
    still:
      'Sus entradas, los reembolsos y el aplazamiento o la cancelación de un evento: de eso le escribiremos igualmente.',
    done: {
      notices: 'No recibirá más avisos de los organizadores. Puede volver a pedirlos en su perfil.',
      reminders: 'No recibirá más recordatorios. Puede volver a pedirlos en su perfil.',
    },
    dead: 'Este enlace está incompleto. Ábralo otra vez desde el mensaje o elija en su perfil.',
    failed: 'No ha funcionado. Inténtelo de nuevo en un momento.',
  },
};
