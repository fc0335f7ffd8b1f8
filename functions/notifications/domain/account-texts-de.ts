import type { AccountTexts } from './account-texts.ts';

/** Mails about accounts in German. */
export const DE: AccountTexts = {
  hello: (name) => (name === '' ? 'Guten Tag,' : `Guten Tag ${name},`),
  footer: 'Sie erhalten diese E-Mail wegen eines Kontos bei {brand} mit dieser Adresse.',
  mails: {
    verification: {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse',
      link: 'Adresse bestätigen',
      paragraphs: [
        'Willkommen bei {brand}. Bitte bestätigen Sie, dass diese Adresse Ihnen gehört; danach können Sie sich anmelden.',
        'Der Link gilt 24 Stunden und nur einmal. Sie werden nach dem Passwort gefragt, das für das Konto gewählt wurde.',
        'Wenn Sie kein Konto angelegt haben, unternehmen Sie nichts: Ohne diese Bestätigung kann es niemand benutzen.',
      ],
    },
    welcome: {
      subject: 'Ihr Konto bei {brand} ist bereit',
      link: 'Zu {brand}',
      paragraphs: [
        'Ihre Adresse ist bestätigt. Sie können sich jetzt anmelden, und Ihre Tickets kommen an diese Adresse.',
      ],
    },
    passwordReset: {
      subject: 'Wählen Sie ein neues Passwort',
      link: 'Neues Passwort',
      paragraphs: [
        'Jemand hat ein neues Passwort für Ihr Konto angefordert. Wenn Sie das waren, wählen Sie es über diesen Link.',
        'Der Link gilt 15 Minuten und nur einmal. Mit dem neuen Passwort werden Sie überall abgemeldet.',
        'Wenn Sie das nicht waren, unternehmen Sie nichts: Ihr Passwort bleibt, wie es ist.',
      ],
    },
    passwordChanged: {
      subject: 'Ihr Passwort wurde geändert',
      link: 'Das war ich nicht',
      paragraphs: [
        'Das Passwort Ihres Kontos wurde am {when} geändert. Andere Geräte wurden abgemeldet.',
        'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie sofort ein neues Passwort.',
      ],
    },
    emailChangeConfirm: {
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse',
      link: 'Neue Adresse bestätigen',
      paragraphs: [
        'Sie möchten diese Adresse für Ihr Konto bei {brand} verwenden. Bitte bestätigen Sie, dass sie Ihnen gehört.',
        'Der Link gilt 24 Stunden und nur einmal. Bis dahin behält Ihr Konto die alte Adresse.',
        'Wenn Sie das nicht angefordert haben, unternehmen Sie nichts.',
      ],
    },
    emailChangeNotice: {
      subject: 'Ihre E-Mail-Adresse soll geändert werden',
      link: 'Das war ich nicht',
      paragraphs: [
        'Jemand, der Ihr Passwort kennt, hat am {when} verlangt, dass Ihr Konto eine andere E-Mail-Adresse verwendet. Sie ändert sich, sobald diese Adresse bestätigt ist.',
        'Wenn Sie das nicht waren, wählen Sie sofort ein neues Passwort: Das verhindert es.',
      ],
    },
    emailChanged: {
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      paragraphs: [
        'Ihr Konto bei {brand} verwendet seit dem {when} diese Adresse. Melden Sie sich künftig mit ihr an; Ihre Tickets kommen hierher.',
      ],
    },
    emailChangedOld: {
      subject: 'Ihr Konto verwendet diese Adresse nicht mehr',
      paragraphs: [
        'Ihr Konto bei {brand} verwendet seit dem {when} eine andere E-Mail-Adresse. An diese wird nichts mehr gesendet.',
        'Wenn Sie das nicht waren, antworten Sie sofort auf diese E-Mail, damit wir helfen können.',
      ],
    },
    phoneChanged: {
      subject: 'Ihre Telefonnummer wurde geändert',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} wurde die Telefonnummer Ihres Kontos geändert oder entfernt. Bevor eine Nummer bestätigt ist, gehen keine SMS an sie.',
        'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie sofort ein neues Passwort: Damit werden alle abgemeldet.',
      ],
    },
    phoneProven: {
      subject: 'Eine Telefonnummer wurde bestätigt',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} wurde eine Telefonnummer für Ihr Konto bestätigt, mit einem Code, der an sie ging. Von jetzt an können SMS zu Ihrem Konto an sie gehen.',
        'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie sofort ein neues Passwort und sehen Sie dann in Ihrem Profil nach der Nummer.',
      ],
    },
    accountErased: {
      subject: 'Ihr Konto wurde gelöscht',
      paragraphs: [
        'Ihr Konto bei {brand} wurde am {when} gelöscht, von Ihnen oder auf Anfrage von jemandem aus unserer Verwaltung. Niemand kann sich mehr dort anmelden, und was wir über Sie wussten, ist weg oder lässt sich nicht mehr öffnen.',
        'Tickets, die Sie bekommen haben, lassen weiterhin ein, wer sie zeigt. Dies ist die letzte E-Mail zu diesem Konto; wenn Sie das nicht wollten, antworten Sie darauf.',
      ],
    },
    accountLocked: {
      subject: 'Ihr Konto ist vorübergehend gesperrt',
      link: 'Konto entsperren',
      paragraphs: [
        'Jemand hat für Ihr Konto dreimal ein falsches Passwort eingegeben. Für unbekannte Geräte ist es 15 Minuten lang gesperrt.',
        'Wenn Sie das waren, entsperrt es dieser Link; er gilt einen Tag. Wenn nicht, müssen Sie nichts tun: Das Passwort wurde nicht erraten.',
      ],
    },
    newDevice: {
      subject: 'Anmeldung auf einem neuen Gerät',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} hat sich jemand mit dem richtigen Passwort bei Ihrem Konto angemeldet, auf einem Gerät und von einem Ort, die wir nicht kannten.',
        'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie ein neues Passwort: Damit werden alle abgemeldet.',
      ],
    },
    sessionCopied: {
      subject: 'Eine Sitzung Ihres Kontos wurde beendet',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} wurde eine Sitzung Ihres Kontos so weiterbenutzt, wie es nur mit einer Kopie von ihr möglich ist. Zur Sicherheit wurde diese Sitzung beendet.',
        'Melden Sie sich dort, wo Sie abgemeldet wurden, neu an. Wenn Sie glauben, dass jemand Zugriff auf Ihr Gerät hat, wählen Sie ein neues Passwort: Damit werden alle abgemeldet.',
      ],
    },
    signedOutEverywhere: {
      subject: 'Sie wurden überall abgemeldet',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} wurden alle Sitzungen Ihres Kontos auf allen Geräten beendet.',
        'Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, wählen Sie sofort ein neues Passwort.',
      ],
    },
    dataExported: {
      subject: 'Ihre persönlichen Daten wurden herausgegeben',
      link: 'Das war ich nicht',
      paragraphs: [
        'Am {when} wurde alles herausgegeben, was wir über Sie gespeichert haben: an jemanden, der bei Ihrem Konto angemeldet ist, oder auf eine Anfrage hin an eine Person unserer Verwaltung.',
        'Wenn Sie selbst oder unser Support das für Sie getan haben, ist alles in Ordnung. Wenn nicht, wählen Sie sofort ein neues Passwort.',
      ],
    },
  },
};
