import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';
import {
  emailChanged,
  emailChangeRequested,
  emailVerified,
  passwordChanged,
  passwordReset,
  passwordResetRequested,
  phoneChanged,
  phoneProven,
  verificationRequested,
} from '../users/account-events.ts';
import { userRegistered } from '../users/contract.ts';
import { personalDataExported } from '../users/privacy-events.ts';
import {
  accountLocked,
  refreshTokenReused,
  signedInOnNewDevice,
  signedOutEverywhere,
} from '../users/session-events.ts';
import * as mails from './app/send-account-mail.ts';

/** Which mail follows from what happens to an account. */
export function accountConsumers(deps: mails.AccountMailDeps): readonly Consumer[] {
  return [
    consumerOf(userRegistered, (event) => mails.sendVerificationMail(deps, event)),
    consumerOf(verificationRequested, (event) => mails.sendVerificationMail(deps, event)),
    consumerOf(emailVerified, (event) => mails.sendWelcomeMail(deps, event)),
    consumerOf(passwordResetRequested, (event) => mails.sendResetMail(deps, event)),
    consumerOf(passwordReset, (event) => mails.sendWarning(deps, event, 'passwordChanged')),
    consumerOf(passwordChanged, (event) => mails.sendWarning(deps, event, 'passwordChanged')),
    consumerOf(emailChangeRequested, (event) => mails.sendEmailChangeMails(deps, event)),
    consumerOf(emailChanged, (event) => mails.sendEmailChangedMails(deps, event)),
    consumerOf(phoneChanged, (event) => mails.sendWarning(deps, event, 'phoneChanged')),
    consumerOf(phoneProven, (event) => mails.sendWarning(deps, event, 'phoneProven')),
    consumerOf(accountLocked, (event) => mails.sendLockedMail(deps, event)),
    consumerOf(signedInOnNewDevice, (event) => mails.sendWarning(deps, event, 'newDevice')),
    consumerOf(refreshTokenReused, (event) => mails.sendWarning(deps, event, 'sessionCopied')),
    consumerOf(signedOutEverywhere, (event) => mails.sendWarning(deps, event, 'signedOutEverywhere')),
    consumerOf(personalDataExported, (event) => mails.sendWarning(deps, event, 'dataExported')),
  ];
}
