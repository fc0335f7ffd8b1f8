/** Words of the page on which an offered ticket is accepted. */
interface TransferPageTexts {
  readonly title: string;
  readonly wait: string;
  readonly lead: string;
  readonly accept: string;
  readonly other: string;
  readonly signIn: string;
  readonly email: string;
  readonly password: string;
  readonly signInAndAccept: string;
  readonly noAccount: string;
  readonly done: string;
  readonly gone: string;
  readonly failed: string;
  /** By the code of a problem. */
  readonly problems: Readonly<Record<string, string>>;
}

/** By language of the reader's browser. */
export const TRANSFER_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', TransferPageTexts>> = {
  en: {
    title: 'A ticket for you',
    wait: 'One moment …',
    lead: 'Somebody offers you a ticket. Once you accept, it is yours alone, with a code of its own.',
    accept: 'Accept the ticket',
    other: 'Use another account',
    signIn: 'Log in to accept the ticket.',
    email: 'E-mail',
    password: 'Password',
    signInAndAccept: 'Log in and accept',
    noAccount: 'No account yet? Register first, then open the link of the mail again.',
    done: 'The ticket is yours. You find it in your account, and in a mail that is on its way.',
    gone: 'This offer has ended: it was taken back, accepted or has become too old. Ask whoever sent it.',
    failed: 'That did not work. Try again in a moment.',
    problems: {
      TICKET_IS_YOURS: 'You hold this ticket already.',
      TICKET_NOT_VALID: 'This ticket was used or given back.',
      LIMIT_EXCEEDED: 'You have as many tickets of this kind as one person may have.',
      INVALID_CREDENTIALS: 'E-mail or password is wrong.',
      EMAIL_NOT_VERIFIED: 'Prove your address first, by the link that we have mailed you.',
      ACCOUNT_LOCKED: 'This account is locked for a while.',
    },
  },
  de: {
    title: 'Ein Ticket für Sie',
    wait: 'Einen Moment …',
    lead: 'Jemand bietet Ihnen ein Ticket an. Wenn Sie annehmen, gehört es Ihnen allein, mit einem eigenen Code.',
    accept: 'Ticket annehmen',
    other: 'Anderes Konto benutzen',
    signIn: 'Melden Sie sich an, um das Ticket anzunehmen.',
    email: 'E-Mail',
    password: 'Passwort',
    signInAndAccept: 'Anmelden und annehmen',
    noAccount: 'Noch kein Konto? Registrieren Sie sich, und öffnen Sie den Link der Mail dann noch einmal.',
    done: 'Das Ticket gehört Ihnen. Sie finden es in Ihrem Konto und in einer Mail, die unterwegs ist.',
    gone: 'Dieses Angebot ist beendet: zurückgenommen, angenommen oder zu alt. Fragen Sie, wer es geschickt hat.',
    failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
    problems: {
      TICKET_IS_YOURS: 'Dieses Ticket gehört Ihnen schon.',
      TICKET_NOT_VALID: 'Dieses Ticket wurde benutzt oder zurückgegeben.',
      LIMIT_EXCEEDED: 'Sie haben so viele Tickets dieser Art, wie eine Person haben darf.',
      INVALID_CREDENTIALS: 'E-Mail oder Passwort ist falsch.',
      EMAIL_NOT_VERIFIED: 'Bestätigen Sie zuerst Ihre Adresse, über den Link aus unserer Mail.',
      ACCOUNT_LOCKED: 'Dieses Konto ist für eine Weile gesperrt.',
    },
  },
  fr: {
    title: 'Un billet pour vous',
    wait: 'Un instant …',
    lead: 'On vous offre un billet. Une fois accepté, il est à vous seul, avec son propre code.',
    accept: 'Accepter le billet',
    other: 'Utiliser un autre compte',
    signIn: 'Connectez-vous pour accepter le billet.',
    email: 'E-mail',
    password: 'Mot de passe',
    signInAndAccept: 'Se connecter et accepter',
    noAccount: 'Pas encore de compte ? Inscrivez-vous, puis rouvrez le lien du message.',
    done: 'Le billet est à vous. Vous le trouvez dans votre compte et dans un message en route.',
    gone: 'Cette offre a pris fin : retirée, acceptée ou trop ancienne. Demandez à qui l’a envoyée.',
    failed: 'Cela n’a pas marché. Réessayez dans un instant.',
    problems: {
      TICKET_IS_YOURS: 'Ce billet est déjà à vous.',
      TICKET_NOT_VALID: 'Ce billet a été utilisé ou rendu.',
      LIMIT_EXCEEDED: 'Vous avez autant de billets de ce type qu’une personne peut en avoir.',
      INVALID_CREDENTIALS: 'E-mail ou mot de passe incorrect.',
      EMAIL_NOT_VERIFIED: 'Confirmez d’abord votre adresse, par le lien de notre message.',
      ACCOUNT_LOCKED: 'Ce compte est bloqué pour un moment.',
    },
  },
  es: {
    title: 'Una entrada para usted',
    wait: 'Un momento …',
    lead: 'Alguien le ofrece una entrada. Si la acepta, es solo suya, con un código propio.',
    accept: 'Aceptar la entrada',
    other: 'Usar otra cuenta',
    signIn: 'Inicie sesión para aceptar la entrada.',
    email: 'Correo',
    password: 'Contraseña',
    signInAndAccept: 'Iniciar sesión y aceptar',
    noAccount: '¿Aún sin cuenta? Regístrese y abra de nuevo el enlace del mensaje.',
    done: 'La entrada es suya. La encuentra en su cuenta y en un mensaje en camino.',
    gone: 'Esta oferta terminó: retirada, aceptada o demasiado antigua. Pregunte a quien la envió.',
    failed: 'No funcionó. Inténtelo de nuevo en un momento.',
    problems: {
      TICKET_IS_YOURS: 'Esta entrada ya es suya.',
      TICKET_NOT_VALID: 'Esta entrada se usó o se devolvió.',
      LIMIT_EXCEEDED: 'Tiene tantas entradas de este tipo como puede tener una persona.',
      INVALID_CREDENTIALS: 'Correo o contraseña incorrectos.',
      EMAIL_NOT_VERIFIED: 'Confirme primero su dirección, con el enlace de nuestro mensaje.',
      ACCOUNT_LOCKED: 'Esta cuenta está bloqueada por un rato.',
    },
  },
};
