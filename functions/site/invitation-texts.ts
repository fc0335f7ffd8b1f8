/** What the page of an invitation says, in one language; handed to its script as data. */
export interface InvitationPageTexts {
  readonly title: string;
  /** `{name}` is the organisation. */
  readonly offer: string;
  readonly posts: Readonly<Record<'organizer' | 'gate' | 'box-office' | 'support', string>>;
  readonly from: string;
  readonly until: string;
  /** `{time}` is when it ends. */
  readonly ends: string;
  readonly accept: string;
  readonly signIn: string;
  readonly email: string;
  readonly password: string;
  readonly signInAndAccept: string;
  readonly noAccount: string;
  readonly other: string;
  /** `{name}` is the organisation. */
  readonly done: string;
  readonly gone: string;
  readonly wait: string;
  readonly failed: string;
  /** By the code of a problem. */
  readonly problems: Readonly<Record<string, string>>;
}

/** The words of each language. */
export const INVITATION_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', InvitationPageTexts>> = {
  en: {
    title: 'Your invitation',
    offer: 'You are invited to work with {name}. Your posts would be:',
    posts: { organizer: 'Organizer', gate: 'Gate', 'box-office': 'Box office', support: 'Support' },
    from: 'from {time}',
    until: 'until {time}',
    ends: 'It can be accepted until {time}.',
    accept: 'Accept',
    signIn: 'Log in with the account of the address that the mail came to.',
    email: 'E-mail address',
    password: 'Password',
    signInAndAccept: 'Log in and accept',
    noAccount: 'No account yet? Register this address, confirm it, then open the link of the invitation again.',
    other: 'Use another account',
    done: 'Welcome: you work with {name} now.',
    gone: 'This invitation cannot be accepted any more. Ask whoever invited you for another one.',
    wait: 'One moment …',
    failed: 'That did not work. Try again in a moment.',
    problems: {
      INVALID_CREDENTIALS: 'E-mail address or password is wrong.',
      EMAIL_NOT_VERIFIED: 'Confirm your address first: follow the link in the mail that you got when you registered.',
      ACCOUNT_BANNED: 'This account is barred.',
      ACCOUNT_LOCKED: 'This account is locked for a while, after too many wrong passwords.',
      INVITED_OTHER_ADDRESS: 'The invitation went to another address than that of this account.',
      TOO_MANY_MEMBERSHIPS: 'There is no room for more posts.',
      TOO_MANY_REQUESTS: 'That was tried too often. Wait a while.',
    },
  },
  de: {
    title: 'Ihre Einladung',
    offer: 'Sie sind eingeladen, für {name} zu arbeiten. Ihre Aufgaben wären:',
    posts: { organizer: 'Leitung', gate: 'Einlass', 'box-office': 'Abendkasse', support: 'Kundendienst' },
    from: 'ab {time}',
    until: 'bis {time}',
    ends: 'Sie gilt bis {time}.',
    accept: 'Annehmen',
    signIn: 'Melden Sie sich mit dem Konto der Adresse an, an die die E-Mail ging.',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    signInAndAccept: 'Anmelden und annehmen',
    noAccount:
      'Noch kein Konto? Registrieren Sie diese Adresse, bestätigen Sie sie und öffnen Sie den Link der Einladung noch einmal.',
    other: 'Anderes Konto verwenden',
    done: 'Willkommen: Sie arbeiten jetzt für {name}.',
    gone: 'Diese Einladung kann nicht mehr angenommen werden. Bitten Sie um eine neue.',
    wait: 'Einen Augenblick …',
    failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
    problems: {
      INVALID_CREDENTIALS: 'E-Mail-Adresse oder Passwort ist falsch.',
      EMAIL_NOT_VERIFIED: 'Bestätigen Sie zuerst Ihre Adresse: Folgen Sie dem Link in der E-Mail zur Registrierung.',
      ACCOUNT_BANNED: 'Dieses Konto ist gesperrt.',
      ACCOUNT_LOCKED: 'Dieses Konto ist nach zu vielen falschen Passwörtern eine Weile gesperrt.',
      INVITED_OTHER_ADDRESS: 'Die Einladung ging an eine andere Adresse als die dieses Kontos.',
      TOO_MANY_MEMBERSHIPS: 'Für weitere Aufgaben ist kein Platz.',
      TOO_MANY_REQUESTS: 'Das wurde zu oft versucht. Warten Sie eine Weile.',
    },
  },
  fr: {
    title: 'Votre invitation',
    offer: 'Vous êtes invité à travailler avec {name}. Vos fonctions seraient :',
    posts: { organizer: 'Direction', gate: 'Contrôle des entrées', 'box-office': 'Billetterie', support: 'Assistance' },
    from: 'à partir du {time}',
    until: 'jusqu’au {time}',
    ends: 'Elle peut être acceptée jusqu’au {time}.',
    accept: 'Accepter',
    signIn: 'Connectez-vous avec le compte de l’adresse à laquelle le message est arrivé.',
    email: 'Adresse e-mail',
    password: 'Mot de passe',
    signInAndAccept: 'Se connecter et accepter',
    noAccount: 'Pas encore de compte ? Inscrivez cette adresse, confirmez-la, puis rouvrez le lien de l’invitation.',
    other: 'Utiliser un autre compte',
    done: 'Bienvenue : vous travaillez maintenant avec {name}.',
    gone: 'Cette invitation ne peut plus être acceptée. Demandez-en une autre.',
    wait: 'Un instant …',
    failed: 'Cela n’a pas fonctionné. Réessayez dans un instant.',
    problems: {
      INVALID_CREDENTIALS: 'L’adresse e-mail ou le mot de passe est faux.',
      EMAIL_NOT_VERIFIED: 'Confirmez d’abord votre adresse : suivez le lien du message reçu à l’inscription.',
      ACCOUNT_BANNED: 'Ce compte est bloqué.',
      ACCOUNT_LOCKED: 'Ce compte est verrouillé un moment, après trop de mots de passe erronés.',
      INVITED_OTHER_ADDRESS: 'L’invitation est allée à une autre adresse que celle de ce compte.',
      TOO_MANY_MEMBERSHIPS: 'Il n’y a plus de place pour d’autres fonctions.',
      TOO_MANY_REQUESTS: 'Trop d’essais. Patientez un moment.',
    },
  },
  es: {
    title: 'Su invitación',
    offer: 'Tiene una invitación para trabajar con {name}. Sus funciones serían:',
    posts: {
      organizer: 'Dirección',
      gate: 'Control de acceso',
      'box-office': 'Taquilla',
      support: 'Atención al cliente',
    },
    from: 'desde el {time}',
    until: 'hasta el {time}',
    ends: 'Se puede aceptar hasta el {time}.',
    accept: 'Aceptar',
    signIn: 'Inicie sesión con la cuenta de la dirección a la que llegó el mensaje.',
    email: 'Dirección de correo',
    password: 'Contraseña',
    signInAndAccept: 'Iniciar sesión y aceptar',
    noAccount: '¿Aún no tiene cuenta? Registre esta dirección, confírmela y vuelva a abrir el enlace de la invitación.',
    other: 'Usar otra cuenta',
    done: 'Le damos la bienvenida: ahora trabaja con {name}.',
    gone: 'Esta invitación ya no se puede aceptar. Pida otra a quien se la envió.',
    wait: 'Un momento …',
    failed: 'No ha funcionado. Inténtelo de nuevo en un momento.',
    problems: {
      INVALID_CREDENTIALS: 'La dirección de correo o la contraseña no es correcta.',
      EMAIL_NOT_VERIFIED: 'Confirme primero su dirección: siga el enlace del mensaje que recibió al registrarse.',
      ACCOUNT_BANNED: 'Esta cuenta está bloqueada.',
      ACCOUNT_LOCKED: 'Esta cuenta está bloqueada un rato, tras demasiadas contraseñas erróneas.',
      INVITED_OTHER_ADDRESS: 'La invitación fue a otra dirección que la de esta cuenta.',
      TOO_MANY_MEMBERSHIPS: 'No hay sitio para más funciones.',
      TOO_MANY_REQUESTS: 'Se ha intentado demasiadas veces. Espere un rato.',
    },
  },
};
