import type { Post, Role } from '../../shared/runtime/route.ts';
import type { Language } from './languages.ts';

/** What mails about roles, posts, bans and API keys say, in one language. */
export interface AccessTexts {
  readonly greeting: (firstName: string) => string;
  readonly footer: string;
  /** For whoever did not expect it. */
  readonly unexpected: string;
  readonly roles: { readonly subject: string; readonly some: string; readonly none: string };
  readonly roleNames: Readonly<Record<Exclude<Role, 'customer' | 'organizer' | 'staff'>, string>>;
  readonly posts: { readonly subject: string; readonly some: string; readonly none: string };
  readonly postNames: Readonly<Record<Post, string>>;
  readonly from: (at: string) => string;
  readonly until: (at: string) => string;
  readonly banned: { readonly subject: string; readonly body: string; readonly next: string };
  readonly unbanned: { readonly subject: string; readonly body: string; readonly next: string };
  readonly keyCreated: { readonly subject: (organization: string) => string; readonly body: KeySentence };
  readonly keyRevoked: { readonly subject: (organization: string) => string; readonly body: KeySentence };
  readonly keyScopes: string;
  readonly keyNext: string;
  readonly keyFooter: (organization: string) => string;
}

/** @param by who did it, where an organizer may know */
type KeySentence = (key: string, organization: string, by: string | undefined) => string;

const named = (before: string, firstName: string): string =>
  firstName === '' ? `${before},` : `${before} ${firstName},`;
const by = (word: string, name: string | undefined): string => (name === undefined ? '' : ` ${word} ${name}`);

const EN: AccessTexts = {
  greeting: (firstName) => named('Hello', firstName),
  footer: 'You get this mail because you have an account with {brand}.',
  unexpected: 'If this surprises you, ask whoever you work with, and change your password.',
  roles: {
    subject: 'Your roles at {brand} have changed',
    some: 'An administrator has changed what you may do. Your roles are now:',
    none: 'An administrator has changed what you may do. You have no special role any more; your account stays.',
  },
  roleNames: { support: 'Support', admin: 'Administrator' },
  posts: {
    subject: 'Your posts in organisations have changed',
    some: 'What you may do in organisations has changed. Your posts are now:',
    none: 'What you may do in organisations has changed. You have no post in any of them any more.',
  },
  postNames: { organizer: 'Organizer', gate: 'Gate', 'box-office': 'Box office', support: 'Support' },
  from: (at) => `from ${at}`,
  until: (at) => `until ${at}`,
  banned: {
    subject: 'Your account is barred',
    body: 'An administrator has barred your account. You are signed out everywhere and cannot log in.',
    next: 'Tickets that you have bought stay valid. If you think that this is wrong, write to us.',
  },
  unbanned: {
    subject: 'Your account is open again',
    body: 'An administrator has opened your account again. You can log in as before.',
    next: 'Roles that an administrator had given you are not back by themselves.',
  },
  keyCreated: {
    subject: (organization) => `New API key for ${organization}`,
    body: (key, organization, name) => `The API key “${key}” was made for ${organization}${by('by', name)}.`,
  },
  keyRevoked: {
    subject: (organization) => `API key of ${organization} revoked`,
    body: (key, organization, name) =>
      `The API key “${key}” of ${organization} was revoked${by('by', name)}. Programs that use it are refused from now on.`,
  },
  keyScopes: 'It may be used for:',
  keyNext: 'If nobody of you has done this, look at your API keys and at who works for you.',
  keyFooter: (organization) => `You get this mail because you are an organizer of ${organization}.`,
};

const DE: AccessTexts = {
  greeting: (firstName) => named('Hallo', firstName),
  footer: 'Diese Mail kommt, weil Sie ein Konto bei {brand} haben.',
  unexpected:
    'Falls Sie das überrascht: Fragen Sie bei denen nach, mit denen Sie arbeiten, und ändern Sie Ihr Passwort.',
  roles: {
    subject: 'Ihre Rollen bei {brand} wurden geändert',
    some: 'Ein Administrator hat geändert, was Sie dürfen. Ihre Rollen sind jetzt:',
    none: 'Ein Administrator hat geändert, was Sie dürfen. Sie haben keine besondere Rolle mehr; Ihr Konto bleibt.',
  },
  roleNames: { support: 'Kundendienst', admin: 'Administration' },
  posts: {
    subject: 'Ihre Aufgaben in Organisationen wurden geändert',
    some: 'Was Sie in Organisationen dürfen, wurde geändert. Ihre Aufgaben sind jetzt:',
    none: 'Was Sie in Organisationen dürfen, wurde geändert. Sie haben in keiner mehr eine Aufgabe.',
  },
  postNames: { organizer: 'Leitung', gate: 'Einlass', 'box-office': 'Abendkasse', support: 'Kundendienst' },
  from: (at) => `ab ${at}`,
  until: (at) => `bis ${at}`,
  banned: {
    subject: 'Ihr Konto ist gesperrt',
    body: 'Ein Administrator hat Ihr Konto gesperrt. Sie sind überall abgemeldet und können sich nicht anmelden.',
    next: 'Gekaufte Tickets bleiben gültig. Wenn Sie das für einen Irrtum halten, schreiben Sie uns.',
  },
  unbanned: {
    subject: 'Ihr Konto ist wieder offen',
    body: 'Ein Administrator hat Ihr Konto wieder geöffnet. Sie können sich anmelden wie zuvor.',
    next: 'Rollen, die Ihnen ein Administrator gegeben hatte, sind damit nicht wieder da.',
  },
  keyCreated: {
    subject: (organization) => `Neuer API-Schlüssel für ${organization}`,
    body: (key, organization, name) =>
      `Für ${organization} wurde${by('von', name)} der API-Schlüssel „${key}“ angelegt.`,
  },
  keyRevoked: {
    subject: (organization) => `API-Schlüssel von ${organization} widerrufen`,
    body: (key, organization, name) =>
      `Der API-Schlüssel „${key}“ von ${organization} wurde${by('von', name)} widerrufen. Programme, die ihn benutzen, werden ab jetzt abgewiesen.`,
  },
  keyScopes: 'Er darf benutzt werden für:',
  keyNext: 'Falls das niemand von Ihnen war: Sehen Sie nach Ihren API-Schlüsseln und danach, wer für Sie arbeitet.',
  keyFooter: (organization) => `Diese Mail kommt, weil Sie ${organization} leiten.`,
};

const FR: AccessTexts = {
  greeting: (firstName) => named('Bonjour', firstName),
  footer: 'Vous recevez ce message parce que vous avez un compte chez {brand}.',
  unexpected: 'Si cela vous surprend, renseignez-vous auprès de vos collègues et changez votre mot de passe.',
  roles: {
    subject: 'Vos rôles chez {brand} ont changé',
    some: 'Un administrateur a modifié vos droits. Vos rôles sont désormais :',
    none: 'Un administrateur a modifié vos droits. Vous n’avez plus de rôle particulier ; votre compte demeure.',
  },
  roleNames: { support: 'Assistance', admin: 'Administration' },
  posts: {
    subject: 'Vos fonctions dans des organisations ont changé',
    some: 'Vos droits dans des organisations ont changé. Vos fonctions sont désormais :',
    none: 'Vos droits dans des organisations ont changé. Vous n’avez plus de fonction dans aucune d’elles.',
  },
  postNames: {
    organizer: 'Direction',
    gate: 'Contrôle des entrées',
    'box-office': 'Billetterie',
    support: 'Assistance',
  },
  from: (at) => `à partir du ${at}`,
  until: (at) => `jusqu’au ${at}`,
  banned: {
    subject: 'Votre compte est bloqué',
    body: 'Un administrateur a bloqué votre compte. Toutes vos sessions sont closes et vous ne pouvez plus vous connecter.',
    next: 'Les billets que vous avez achetés restent valables. Si vous pensez à une erreur, écrivez-nous.',
  },
  unbanned: {
    subject: 'Votre compte est de nouveau ouvert',
    body: 'Un administrateur a rouvert votre compte. Vous pouvez vous connecter comme avant.',
    next: 'Les rôles qu’un administrateur vous avait donnés ne reviennent pas d’eux-mêmes.',
  },
  keyCreated: {
    subject: (organization) => `Nouvelle clé d’API pour ${organization}`,
    body: (key, organization, name) => `La clé d’API « ${key} » a été créée pour ${organization}${by('par', name)}.`,
  },
  keyRevoked: {
    subject: (organization) => `Clé d’API de ${organization} révoquée`,
    body: (key, organization, name) =>
      `La clé d’API « ${key} » de ${organization} a été révoquée${by('par', name)}. Les programmes qui l’utilisent sont désormais refusés.`,
  },
  keyScopes: 'Elle peut servir à :',
  keyNext: 'Si aucun d’entre vous ne l’a fait, vérifiez vos clés d’API et qui travaille pour vous.',
  keyFooter: (organization) => `Vous recevez ce message parce que vous dirigez ${organization}.`,
};

const ES: AccessTexts = {
  greeting: (firstName) => named('Hola', firstName),
  footer: 'Recibe este mensaje porque tiene una cuenta en {brand}.',
  unexpected: 'Si esto le sorprende, pregunte a quienes trabajan con usted y cambie su contraseña.',
  roles: {
    subject: 'Sus roles en {brand} han cambiado',
    some: 'Un administrador ha cambiado lo que usted puede hacer. Sus roles son ahora:',
    none: 'Un administrador ha cambiado lo que usted puede hacer. Ya no tiene ningún rol especial; su cuenta permanece.',
  },
  roleNames: { support: 'Atención al cliente', admin: 'Administración' },
  posts: {
    subject: 'Sus funciones en organizaciones han cambiado',
    some: 'Lo que usted puede hacer en organizaciones ha cambiado. Sus funciones son ahora:',
    none: 'Lo que usted puede hacer en organizaciones ha cambiado. Ya no tiene ninguna función en ellas.',
  },
  postNames: {
    organizer: 'Dirección',
    gate: 'Control de acceso',
    'box-office': 'Taquilla',
    support: 'Atención al cliente',
  },
  from: (at) => `desde el ${at}`,
  until: (at) => `hasta el ${at}`,
  banned: {
    subject: 'Su cuenta está bloqueada',
    body: 'Un administrador ha bloqueado su cuenta. Se han cerrado todas sus sesiones y no puede iniciar otra.',
    next: 'Las entradas que compró siguen siendo válidas. Si cree que es un error, escríbanos.',
  },
  unbanned: {
    subject: 'Su cuenta está abierta de nuevo',
    body: 'Un administrador ha vuelto a abrir su cuenta. Puede iniciar sesión como antes.',
    next: 'Los roles que un administrador le había dado no vuelven por sí solos.',
  },
  keyCreated: {
    subject: (organization) => `Nueva clave de API para ${organization}`,
    body: (key, organization, name) => `Se ha creado la clave de API «${key}» para ${organization}${by('por', name)}.`,
  },
  keyRevoked: {
    subject: (organization) => `Clave de API de ${organization} revocada`,
    body: (key, organization, name) =>
      `Se ha revocado la clave de API «${key}» de ${organization}${by('por', name)}. Los programas que la usan quedan rechazados desde ahora.`,
  },
  keyScopes: 'Puede usarse para:',
  keyNext: 'Si no ha sido ninguno de ustedes, revise sus claves de API y quién trabaja para ustedes.',
  keyFooter: (organization) => `Recibe este mensaje porque dirige ${organization}.`,
};

/** The words of each language. */
export const ACCESS_TEXTS: Readonly<Record<Language, AccessTexts>> = { en: EN, de: DE, fr: FR, es: ES };
