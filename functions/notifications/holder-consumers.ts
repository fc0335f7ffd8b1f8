import { ticketReissued } from '../delivery/holder-contract.ts';
import { ticketOffered, ticketReceived, ticketTransferred } from '../delivery/transfer-contract.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';
import * as mails from './app/send-holder-mail.ts';

/** Which mail follows from what happens to a single ticket. */
export function holderConsumers(deps: mails.HolderMailDeps): readonly Consumer[] {
  return [
    consumerOf(ticketReissued, (event) => mails.sendReissuedMail(deps, event)),
    consumerOf(ticketOffered, (event) => mails.sendOfferMail(deps, event)),
    consumerOf(ticketReceived, (event) => mails.sendReceivedMail(deps, event)),
    consumerOf(ticketTransferred, (event) => mails.sendPassedOnMail(deps, event)),
  ];
}

export type { HolderMailDeps } from './app/send-holder-mail.ts';
