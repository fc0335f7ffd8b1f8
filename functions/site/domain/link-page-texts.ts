/** What a page of a mailed link is for. */
export type LinkPageKind = 'verify-email' | 'reset-password' | 'unlock' | 'confirm-email';

/** The words of one page. */
interface PageText {
  readonly title: string;
  /** What happens when the button is pressed. */
  readonly lead: string;
  readonly button: string;
  readonly done: string;
}

/** The words of all pages in one language. */
interface LinkPageTexts {
  readonly pages: Readonly<Record<LinkPageKind, PageText>>;
  /** For where a mail can be asked for again, or for the first time. */
  readonly ask: { readonly lead: string; readonly email: string; readonly button: string; readonly done: string };
  /** For links that bind an address to an account: whoever follows one shows that it is theirs. */
  readonly password: {
    readonly label: string;
    readonly wrong: string;
    readonly notMine: string;
    readonly reset: string;
  };
  readonly newPassword: string;
  readonly again: string;
  readonly rules: string;
  readonly differ: string;
  readonly dead: string;
  readonly taken: string;
  readonly tooMany: string;
  readonly failed: string;
}

/** The words of the pages by language, English first: it stands where a browser asks for none of them. */
export const LINK_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', LinkPageTexts>> = {
  en: {
    pages: {
      'verify-email': {
        title: 'Confirm your e-mail address',
        lead: 'Confirm that the address to which this link was sent is yours.',
        button: 'Confirm address',
        done: 'Your address is confirmed. You can log in now.',
      },
      'reset-password': {
        title: 'Choose a new password',
        lead: 'A new password signs you out on every device.',
        button: 'Set password',
        done: 'Your new password is set. You can log in with it now.',
      },
      unlock: {
        title: 'Unlock your account',
        lead: 'Your account was locked after several wrong passwords.',
        button: 'Unlock account',
        done: 'Your account is unlocked. You can log in now.',
      },
      'confirm-email': {
        title: 'Confirm your new e-mail address',
        lead: 'From then on you log in with the address to which this link was sent.',
        button: 'Confirm new address',
        done: 'Your new address is confirmed and in use.',
      },
    },
    ask: {
      lead: 'Tell us the address of your account, and we send you a link.',
      email: 'E-mail address',
      button: 'Send link',
      done: 'If there is an account with this address, a mail with a link is on its way.',
    },
    password: {
      label: 'Password of the account',
      wrong: 'That is not the password of this account.',
      notMine: 'You did not make this account, or have forgotten its password?',
      reset: 'Choose a new password first',
    },
    newPassword: 'New password',
    again: 'New password again',
    rules:
      'At least 12 characters, with upper and lower case, a digit and another sign; no common password, and not your name.',
    differ: 'The two passwords are not the same.',
    dead: 'This link has been used already or is too old.',
    taken: 'This address belongs to another account by now.',
    tooMany: 'That was tried too often. Wait a while, then try again.',
    failed: 'That did not work. Try again in a moment.',
  },
  de: {
    pages: {
      'verify-email': {
        title: 'E-Mail-Adresse bestätigen',
        lead: 'Bestätigen Sie, dass die Adresse, an die dieser Link ging, Ihnen gehört.',
        button: 'Adresse bestätigen',
        done: 'Ihre Adresse ist bestätigt. Sie können sich jetzt anmelden.',
      },
      'reset-password': {
        title: 'Neues Passwort wählen',
        lead: 'Mit dem neuen Passwort werden Sie auf allen Geräten abgemeldet.',
        button: 'Passwort setzen',
        done: 'Ihr neues Passwort gilt. Sie können sich jetzt damit anmelden.',
      },
      unlock: {
        title: 'Konto entsperren',
        lead: 'Ihr Konto wurde nach mehreren falschen Passwörtern gesperrt.',
        button: 'Konto entsperren',
        done: 'Ihr Konto ist entsperrt. Sie können sich jetzt anmelden.',
      },
      'confirm-email': {
        title: 'Neue E-Mail-Adresse bestätigen',
        lead: 'Danach melden Sie sich mit der Adresse an, an die dieser Link ging.',
        button: 'Neue Adresse bestätigen',
        done: 'Ihre neue Adresse ist bestätigt und gilt ab jetzt.',
      },
    },
    ask: {
      lead: 'Nennen Sie uns die Adresse Ihres Kontos, und wir senden Ihnen einen Link.',
      email: 'E-Mail-Adresse',
      button: 'Link senden',
      done: 'Wenn es ein Konto mit dieser Adresse gibt, ist eine E-Mail mit einem Link unterwegs.',
    },
    password: {
      label: 'Passwort des Kontos',
      wrong: 'Das ist nicht das Passwort dieses Kontos.',
      notMine: 'Sie haben dieses Konto nicht angelegt oder das Passwort vergessen?',
      reset: 'Zuerst ein neues Passwort wählen',
    },
    newPassword: 'Neues Passwort',
    again: 'Neues Passwort noch einmal',
    rules:
      'Mindestens 12 Zeichen, mit Groß- und Kleinbuchstaben, einer Ziffer und einem anderen Zeichen; kein verbreitetes Passwort und nicht Ihr Name.',
    differ: 'Die beiden Passwörter sind nicht gleich.',
    dead: 'Dieser Link wurde schon benutzt oder ist zu alt.',
    taken: 'Diese Adresse gehört inzwischen zu einem anderen Konto.',
    tooMany: 'Das wurde zu oft versucht. Warten Sie eine Weile und versuchen Sie es dann wieder.',
    failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
  },
  fr: {
    pages: {
      'verify-email': {
        title: 'Confirmer votre adresse e-mail',
        lead: 'Confirmez que l’adresse à laquelle ce lien a été envoyé est la vôtre.',
        button: 'Confirmer l’adresse',
        done: 'Votre adresse est confirmée. Vous pouvez maintenant vous connecter.',
      },
      'reset-password': {
        title: 'Choisir un nouveau mot de passe',
        lead: 'Un nouveau mot de passe vous déconnecte de tous vos appareils.',
        button: 'Définir le mot de passe',
        done: 'Votre nouveau mot de passe est en place. Vous pouvez maintenant vous connecter avec lui.',
      },
      unlock: {
        title: 'Débloquer votre compte',
        lead: 'Votre compte a été bloqué après plusieurs mots de passe erronés.',
        button: 'Débloquer le compte',
        done: 'Votre compte est débloqué. Vous pouvez maintenant vous connecter.',
      },
      'confirm-email': {
        title: 'Confirmer votre nouvelle adresse e-mail',
        lead: 'Ensuite, vous vous connecterez avec l’adresse à laquelle ce lien a été envoyé.',
        button: 'Confirmer la nouvelle adresse',
        done: 'Votre nouvelle adresse est confirmée et utilisée désormais.',
      },
    },
    ask: {
      lead: 'Indiquez l’adresse de votre compte, et nous vous enverrons un lien.',
      email: 'Adresse e-mail',
      button: 'Envoyer le lien',
      done: 'S’il existe un compte avec cette adresse, un message avec un lien est en route.',
    },
    password: {
      label: 'Mot de passe du compte',
      wrong: 'Ce n’est pas le mot de passe de ce compte.',
      notMine: 'Vous n’avez pas créé ce compte ou vous avez oublié son mot de passe ?',
      reset: 'Choisir d’abord un nouveau mot de passe',
    },
    newPassword: 'Nouveau mot de passe',
    again: 'Encore une fois le nouveau mot de passe',
    rules:
      'Au moins 12 caractères, avec majuscule et minuscule, un chiffre et un autre signe ; ni mot de passe courant, ni votre nom.',
    differ: 'Les deux mots de passe ne sont pas identiques.',
    dead: 'Ce lien a déjà servi ou est trop ancien.',
    taken: 'Cette adresse appartient désormais à un autre compte.',
    tooMany: 'Trop d’essais. Attendez un moment, puis réessayez.',
    failed: 'Cela n’a pas fonctionné. Réessayez dans un instant.',
  },
  es: {
    pages: {
      'verify-email': {
        title: 'Confirmar su dirección de correo',
        lead: 'Confirme que es suya la dirección a la que se envió este enlace.',
        button: 'Confirmar dirección',
        done: 'Su dirección está confirmada. Ya puede iniciar sesión.',
      },
      'reset-password': {
        title: 'Elegir una contraseña nueva',
        lead: 'La contraseña nueva cierra la sesión en todos sus dispositivos.',
        button: 'Guardar contraseña',
        done: 'Su contraseña nueva ya vale. Puede iniciar sesión con ella.',
      },
      unlock: {
        title: 'Desbloquear su cuenta',
        lead: 'Su cuenta se bloqueó tras varias contraseñas incorrectas.',
        button: 'Desbloquear cuenta',
        done: 'Su cuenta está desbloqueada. Ya puede iniciar sesión.',
      },
      'confirm-email': {
        title: 'Confirmar su nueva dirección de correo',
        lead: 'Después iniciará sesión con la dirección a la que se envió este enlace.',
        button: 'Confirmar nueva dirección',
        done: 'Su nueva dirección está confirmada y ya se usa.',
      },
    },
    ask: {
      lead: 'Díganos la dirección de su cuenta y le enviaremos un enlace.',
      email: 'Dirección de correo',
      button: 'Enviar enlace',
      done: 'Si existe una cuenta con esta dirección, va en camino un mensaje con un enlace.',
    },
    password: {
      label: 'Contraseña de la cuenta',
      wrong: 'Esa no es la contraseña de esta cuenta.',
      notMine: '¿No ha creado esta cuenta o ha olvidado su contraseña?',
      reset: 'Elegir primero una contraseña nueva',
    },
    newPassword: 'Contraseña nueva',
    again: 'Contraseña nueva otra vez',
    rules:
      'Al menos 12 caracteres, con mayúscula y minúscula, una cifra y otro signo; ni una contraseña común ni su nombre.',
    differ: 'Las dos contraseñas no son iguales.',
    dead: 'Este enlace ya se ha usado o es demasiado antiguo.',
    taken: 'Esta dirección pertenece ahora a otra cuenta.',
    tooMany: 'Demasiados intentos. Espere un rato y vuelva a intentarlo.',
    failed: 'No ha funcionado. Vuelva a intentarlo en un momento.',
  },
};
