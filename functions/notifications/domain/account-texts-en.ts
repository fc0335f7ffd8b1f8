import type { AccountTexts } from './account-texts.ts';

/** Mails about accounts in English. */
export const EN: AccountTexts = {
  hello: (name) => (name === '' ? 'Hello,' : `Hello ${name},`),
  footer: 'You get this mail because of an {brand} account with this address.',
  mails: {
    verification: {
      subject: 'Confirm your e-mail address',
      link: 'Confirm address',
      paragraphs: [
        'Welcome to {brand}. Please confirm that this address is yours; then you can log in.',
        'The link works once, for 24 hours. You are asked for the password that was chosen for the account.',
        'If you did not make an account, do nothing: without this confirmation nobody can use it.',
      ],
    },
    welcome: {
      subject: 'Your {brand} account is ready',
      link: 'To {brand}',
      paragraphs: ['Your address is confirmed. You can log in now, and your tickets will come to this address.'],
    },
    passwordReset: {
      subject: 'Choose a new password',
      link: 'New password',
      paragraphs: [
        'Somebody has asked for a new password for your account. If it was you, choose one by this link.',
        'The link works once, for 15 minutes. A new password signs you out everywhere.',
        'If it was not you, do nothing: your password stays as it is.',
      ],
    },
    passwordChanged: {
      subject: 'Your password was changed',
      link: 'It was not me',
      paragraphs: [
        'The password of your account was changed on {when}. Other devices were signed out.',
        'If that was you, all is well. If it was not, choose a new password at once.',
      ],
    },
    emailChangeConfirm: {
      subject: 'Confirm your new e-mail address',
      link: 'Confirm new address',
      paragraphs: [
        'You want to use this address for your {brand} account. Please confirm that it is yours.',
        'The link works once, for 24 hours. Until then your account keeps its old address.',
        'If you did not ask for this, do nothing.',
      ],
    },
    emailChangeNotice: {
      subject: 'Your e-mail address is about to change',
      link: 'It was not me',
      paragraphs: [
        'Somebody who knows your password has asked on {when} to use another e-mail address for your account. It changes once that address is confirmed.',
        'If it was not you, choose a new password at once: that stops it.',
      ],
    },
    emailChanged: {
      subject: 'Your e-mail address was changed',
      paragraphs: [
        'Your {brand} account uses this address since {when}. Log in with it from now on; your tickets will come here.',
      ],
    },
    emailChangedOld: {
      subject: 'Your account no longer uses this address',
      paragraphs: [
        'Your {brand} account uses another e-mail address since {when}. Nothing more is sent to this one.',
        'If it was not you, answer this mail at once, so that we can help.',
      ],
    },
    phoneChanged: {
      subject: 'Your phone number was changed',
      link: 'It was not me',
      paragraphs: [
        'The phone number of your account was changed or taken away on {when}. No text messages go to a number before it is confirmed.',
        'If that was you, all is well. If it was not, choose a new password at once: that signs everybody out.',
      ],
    },
    phoneProven: {
      subject: 'A phone number was confirmed',
      link: 'It was not me',
      paragraphs: [
        'A phone number was confirmed for your account on {when}, with a code that was sent to it. Text messages about your account may go to it from now on.',
        'If that was you, all is well. If it was not, choose a new password at once, then look at the number in your profile.',
      ],
    },
    accountErased: {
      subject: 'Your account was erased',
      paragraphs: [
        'Your {brand} account was erased on {when}, by you or by one of our administrators on a request. Nobody can log in to it any more, and what we knew about you is gone or can no longer be opened.',
        'Tickets that you were sent still let in whoever shows them. This is the last mail about this account; should you not have wanted this, answer it.',
      ],
    },
    accountLocked: {
      subject: 'Your account is locked for a while',
      link: 'Unlock account',
      paragraphs: [
        'Somebody typed a wrong password for your account three times. It is locked for 15 minutes for devices that it does not know.',
        'If that was you, this link unlocks it; it works for a day. If it was not, you need do nothing: the password was not found.',
      ],
    },
    newDevice: {
      subject: 'A new device has signed in',
      link: 'It was not me',
      paragraphs: [
        'Somebody signed in to your account on {when}, with the right password, on a device and from a place that we did not know.',
        'If that was you, all is well. If it was not, choose a new password: that signs everybody out.',
      ],
    },
    sessionCopied: {
      subject: 'A session of your account was ended',
      link: 'It was not me',
      paragraphs: [
        'Somebody used a session of your account again on {when} in a way that only a copy of it could. To be safe, that session was ended.',
        'Log in again where you were signed out. If you think that somebody has access to your device, choose a new password: that signs everybody out.',
      ],
    },
    signedOutEverywhere: {
      subject: 'You were signed out everywhere',
      link: 'It was not me',
      paragraphs: [
        'All sessions of your account were ended on {when}, on every device.',
        'If that was you, all is well. If it was not, choose a new password at once.',
      ],
    },
    dataExported: {
      subject: 'Your personal data was handed out',
      link: 'It was not me',
      paragraphs: [
        'All that we keep about you was handed out on {when}: to somebody who is signed in to your account, or to one of our administrators on a request.',
        'If you or our support did that for you, all is well. If not, choose a new password at once.',
      ],
    },
  },
};
