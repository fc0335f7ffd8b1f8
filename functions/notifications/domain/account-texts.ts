import type { Language } from './languages.ts';

/** What a mail about an account is for. */
export type AccountMailKind = 'verification' | 'welcome';

/** The words of one kind of mail in one language. */
export interface AccountText {
  readonly subject: string;
  /** One after the other; the first one is also what mail programs show beside the subject. */
  readonly paragraphs: readonly string[];
  /** What the link is called, where there is one. */
  readonly link?: string;
}

/** The words that all mails about accounts have in common. */
export interface CommonText {
  readonly hello: (firstName: string) => string;
  readonly footer: string;
}

export const COMMON: Readonly<Record<Language, CommonText>> = {
  en: {
    hello: (name) => (name === '' ? 'Hello,' : `Hello ${name},`),
    footer: 'You get this mail because there is an Onsale account with this address.',
  },
  de: {
    hello: (name) => (name === '' ? 'Guten Tag,' : `Guten Tag ${name},`),
    footer: 'Sie erhalten diese E-Mail, weil es unter dieser Adresse ein Konto bei Onsale gibt.',
  },
  fr: {
    hello: (name) => (name === '' ? 'Bonjour,' : `Bonjour ${name},`),
    footer: 'Vous recevez ce message parce qu’un compte Onsale existe avec cette adresse.',
  },
  es: {
    hello: (name) => (name === '' ? 'Hola:' : `Hola, ${name}:`),
    footer: 'Recibe este mensaje porque existe una cuenta de Onsale con esta dirección.',
  },
};

/** Every mail in every language: one that lacks a language does not compile. */
export const ACCOUNT_TEXTS: Readonly<Record<AccountMailKind, Readonly<Record<Language, AccountText>>>> = {
  verification: {
    en: {
      subject: 'Confirm your e-mail address',
      link: 'Confirm address',
      paragraphs: [
        'Welcome to Onsale. Please confirm that this address is yours; then you can log in.',

        'The link works once, for 24 hours.',
        'If you did not make an account, do nothing: without this confirmation nobody can use it.',
      ],
    },
    de: {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      link: 'Adresse bestätigen',
      paragraphs: [
        'Willkommen bei Onsale. Bitte bestätigen Sie, dass diese Adresse Ihnen gehört; danach können Sie sich anmelden.',

        'Der Link gilt 24 Stunden und nur einmal.',
        'Wenn Sie kein Konto angelegt haben, unternehmen Sie nichts: Ohne diese Bestätigung kann es niemand benutzen.',
      ],
    },
    fr: {
      subject: 'Confirmez votre adresse e-mail',
      link: 'Confirmer l’adresse',
      paragraphs: [
        'Bienvenue chez Onsale. Veuillez confirmer que cette adresse est la vôtre ; vous pourrez ensuite vous connecter.',

        'Le lien est valable 24 heures et une seule fois.',
        'Si vous n’avez pas créé de compte, ne faites rien : sans cette confirmation, personne ne peut l’utiliser.',
      ],
    },
    es: {
      subject: 'Confirme su dirección de correo',
      link: 'Confirmar dirección',
      paragraphs: [
        'Le damos la bienvenida a Onsale. Confirme que esta dirección es suya; después podrá iniciar sesión.',

        'El enlace vale durante 24 horas y una sola vez.',
        'Si no ha creado ninguna cuenta, no haga nada: sin esta confirmación nadie puede usarla.',
      ],
    },
  },
  welcome: {
    en: {
      subject: 'Your Onsale account is ready',
      paragraphs: ['Your address is confirmed. You can log in now, and your tickets will come to this address.'],
      link: 'To Onsale',
    },
    de: {
      subject: 'Ihr Konto bei Onsale ist bereit',
      paragraphs: [
        'Ihre Adresse ist bestätigt. Sie können sich jetzt anmelden, und Ihre Tickets kommen an diese Adresse.',
      ],
      link: 'Zu Onsale',
    },
    fr: {
      subject: 'Votre compte Onsale est prêt',
      paragraphs: [
        'Votre adresse est confirmée. Vous pouvez maintenant vous connecter, et vos billets arriveront à cette adresse.',
      ],
      link: 'Vers Onsale',
    },
    es: {
      subject: 'Su cuenta de Onsale está lista',
      paragraphs: ['Su dirección está confirmada. Ya puede iniciar sesión, y sus entradas llegarán a esta dirección.'],
      link: 'Ir a Onsale',
    },
  },
};
