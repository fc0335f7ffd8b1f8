import type { AccountTexts } from './account-texts.ts';

/** Mails about accounts in French. */
export const FR: AccountTexts = {
  hello: (name) => (name === '' ? 'Bonjour,' : `Bonjour ${name},`),
  footer: 'Vous recevez ce message à cause d’un compte {brand} avec cette adresse.',
  mails: {
    verification: {
      subject: 'Confirmez votre adresse e-mail',
      link: 'Confirmer l’adresse',
      paragraphs: [
        'Bienvenue chez {brand}. Veuillez confirmer que cette adresse est la vôtre ; vous pourrez ensuite vous connecter.',
        'Le lien est valable 24 heures et une seule fois. Le mot de passe choisi pour le compte vous sera demandé.',
        'Si vous n’avez pas créé de compte, ne faites rien : sans cette confirmation, personne ne peut l’utiliser.',
      ],
    },
    welcome: {
      subject: 'Votre compte {brand} est prêt',
      link: 'Vers {brand}',
      paragraphs: [
        'Votre adresse est confirmée. Vous pouvez maintenant vous connecter, et vos billets arriveront à cette adresse.',
      ],
    },
    passwordReset: {
      subject: 'Choisissez un nouveau mot de passe',
      link: 'Nouveau mot de passe',
      paragraphs: [
        'Quelqu’un a demandé un nouveau mot de passe pour votre compte. Si c’était vous, choisissez-le par ce lien.',
        'Le lien est valable 15 minutes et une seule fois. Un nouveau mot de passe vous déconnecte partout.',
        'Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.',
      ],
    },
    passwordChanged: {
      subject: 'Votre mot de passe a été modifié',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le mot de passe de votre compte a été modifié le {when}. Les autres appareils ont été déconnectés.',
        'Si c’était vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe.',
      ],
    },
    emailChangeConfirm: {
      subject: 'Confirmez votre nouvelle adresse e-mail',
      link: 'Confirmer la nouvelle adresse',
      paragraphs: [
        'Vous souhaitez utiliser cette adresse pour votre compte {brand}. Veuillez confirmer qu’elle est la vôtre.',
        'Le lien est valable 24 heures et une seule fois. D’ici là, votre compte garde son ancienne adresse.',
        'Si vous n’avez rien demandé, ne faites rien.',
      ],
    },
    emailChangeNotice: {
      subject: 'Votre adresse e-mail va changer',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Quelqu’un qui connaît votre mot de passe a demandé le {when} d’utiliser une autre adresse e-mail pour votre compte. Elle changera dès que cette adresse sera confirmée.',
        'Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe : cela l’empêche.',
      ],
    },
    emailChanged: {
      subject: 'Votre adresse e-mail a été modifiée',
      paragraphs: [
        'Votre compte {brand} utilise cette adresse depuis le {when}. Connectez-vous désormais avec elle ; vos billets arriveront ici.',
      ],
    },
    emailChangedOld: {
      subject: 'Votre compte n’utilise plus cette adresse',
      paragraphs: [
        'Votre compte {brand} utilise une autre adresse e-mail depuis le {when}. Plus rien ne sera envoyé à celle-ci.',
        'Si ce n’était pas vous, répondez tout de suite à ce message pour que nous puissions vous aider.',
      ],
    },
    phoneChanged: {
      subject: 'Votre numéro de téléphone a été modifié',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le numéro de téléphone de votre compte a été modifié ou supprimé le {when}. Aucun SMS n’est envoyé à un numéro avant qu’il ne soit confirmé.',
        'Si c’était vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe : cela déconnecte tout le monde.',
      ],
    },
    phoneProven: {
      subject: 'Un numéro de téléphone a été confirmé',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Un numéro de téléphone a été confirmé pour votre compte le {when}, avec un code qui lui a été envoyé. Des SMS concernant votre compte peuvent désormais lui être envoyés.',
        'Si c’était vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe, puis vérifiez le numéro dans votre profil.',
      ],
    },
    accountErased: {
      subject: 'Votre compte a été effacé',
      paragraphs: [
        'Votre compte {brand} a été effacé le {when}, par vous ou, sur demande, par l’administration. Plus personne ne peut s’y connecter, et ce que nous savions de vous a disparu ou ne peut plus être lu.',
        'Les billets que vous avez reçus laissent toujours entrer qui les présente. Ceci est le dernier message concernant ce compte ; si vous ne l’avez pas voulu, répondez-y.',
      ],
    },
    accountLocked: {
      subject: 'Votre compte est bloqué pour un moment',
      link: 'Débloquer le compte',
      paragraphs: [
        'Quelqu’un a saisi trois fois un mauvais mot de passe pour votre compte. Il est bloqué 15 minutes pour les appareils inconnus.',
        'Si c’était vous, ce lien le débloque ; il est valable un jour. Sinon, vous n’avez rien à faire : le mot de passe n’a pas été trouvé.',
      ],
    },
    newDevice: {
      subject: 'Connexion sur un nouvel appareil',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le {when}, quelqu’un s’est connecté à votre compte avec le bon mot de passe, sur un appareil et depuis un lieu que nous ne connaissions pas.',
        'Si c’était vous, tout va bien. Sinon, choisissez un nouveau mot de passe : cela déconnecte tout le monde.',
      ],
    },
    sessionCopied: {
      subject: 'Une session de votre compte a été fermée',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le {when}, une session de votre compte a été réutilisée d’une manière qui n’est possible qu’avec une copie. Par sécurité, cette session a été fermée.',
        'Reconnectez-vous là où vous avez été déconnecté. Si vous pensez que quelqu’un a accès à votre appareil, choisissez un nouveau mot de passe : cela déconnecte tout le monde.',
      ],
    },
    signedOutEverywhere: {
      subject: 'Vous avez été déconnecté partout',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le {when}, toutes les sessions de votre compte ont été fermées, sur tous les appareils.',
        'Si c’était vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe.',
      ],
    },
    dataExported: {
      subject: 'Vos données personnelles ont été remises',
      link: 'Ce n’était pas moi',
      paragraphs: [
        'Le {when}, tout ce que nous conservons sur vous a été remis : à quelqu’un qui est connecté à votre compte, ou à l’un de nos administrateurs à la suite d’une demande.',
        'Si c’était vous, ou notre assistance pour vous, tout va bien. Sinon, choisissez tout de suite un nouveau mot de passe.',
      ],
    },
  },
};
