/**
 * Functions that make a write themselves instead of by `begin` or `advance`, so that what they change has no version
 * and no step in the audit: each with what it is and why that does. Whatever else changes state is an aggregate.
 */
export const UNCHAINED: Readonly<Record<string, string>> = {
  'functions/access/writes.ts logScan':
    'an append-only log itself; what a scan changes is the ticket, which is chained',
  'functions/audit/writes.ts keepStockAudit': 'what a look at rows has found, made anew by the next one',
  'functions/audit/writes.ts markTouched': 'where the audit is found by time: a function of the stream',
  'functions/audit/writes.ts rememberListed': 'how far a job has come',
  'functions/catalog/writes.ts listForOrganization': 'entry of a list that follows from the event beside it',
  'functions/catalog/writes.ts pointToEvent': 'pointer that follows from the event beside it',
  'functions/delivery/writes.ts finishPrint':
    'count of prints and entry of a queue, beside the chained job that they follow from',
  'functions/delivery/writes.ts queuePrint':
    'count of prints and entry of a queue, beside the chained job that they follow from',
  'functions/delivery/writes.ts forgetOffer': 'address of an offer that the chained ticket beside it has ended',
  'functions/delivery/writes.ts keepRegistrations': 'which phones are told of a pass, of no consequence for its ticket',
  'functions/delivery/writes.ts listReceived': 'entry of a list that follows from the chained ticket beside it',
  'functions/delivery/writes.ts offerTo': 'address of an offer, which the chained ticket beside it tells of',
  'functions/delivery/writes.ts putListed': 'entry of a list of passes',
  'functions/fraud/writes.ts keepFacts':
    'counters of a day; a review that they lead to is chained with its order and case',
  'functions/inventory/operations.ts putBlocks': 'stock of a pool, which is chained and counts its blocks',
  'functions/inventory/operations.ts putSeatRows': "a function of the pool's id",
  'functions/inventory/house-seats.ts moveSeats': 'stock of a pool, which is chained and counts what the house keeps',
  'functions/inventory/resizing.ts changeBlock': 'stock of a pool, which is chained and counts it',
  'functions/inventory/resizing.ts putBlock': 'stock of a pool, which is chained and counts its blocks',
  'functions/inventory/sale-writes.ts changeCopy':
    'copy of a ticket type that the event or the pricing beside it is chained for',
  'functions/inventory/writes.ts countAgainstLimit': 'counter that the chained orders add up to (invariant I12)',
  'functions/inventory/writes.ts giveBackToBlock': 'stock that the chained orders add up to (invariant I1)',
  'functions/inventory/sale-writes.ts leaveSale':
    'copy and windows of a type whose chained pool and event change beside them',
  'functions/inventory/sale-writes.ts putCopy': 'copy of a ticket type that the event beside it is chained for',
  'functions/inventory/writes.ts returnToLimit': 'counter that the chained orders add up to (invariant I12)',
  'functions/inventory/sale-writes.ts setWindows': 'window of a block, which its chained pool and its types decide',
  'functions/inventory/availability.ts showAvailable': 'what is shown of stock: a function of its blocks',
  'functions/inventory/writes.ts takeWhen': 'stock that the chained orders add up to (invariant I1)',
  'functions/inventory/sale-writes.ts withdrawSale': 'copies and blocks of stock whose chained pools stop beside them',
  'functions/notifications/writes.ts claimAgain': 'claim of a worker on one sending',
  'functions/notifications/writes.ts firstClaim': 'claim of a worker on one sending, named by its chained cause',
  'functions/notifications/writes.ts noteFeedback': 'what the mail provider said of one sending',
  'functions/notifications/writes.ts noteSent': 'what the mail provider said of one sending',
  'functions/notifications/writes.ts putLater': 'list of what is sent later, of a chained notice or event',
  'functions/notifications/writes.ts putRetry': 'list of what is tried again, with the notification beside it',
  'functions/notifications/writes.ts settle': 'what the mail provider said of one sending',
  'functions/notifications/writes.ts strikeRetry': 'list of what is tried again',
  'functions/notifications/writes.ts suppress': 'what the mail provider said of an address, by its keyed hash',
  'functions/notifications/writes.ts suppressNumber': 'what SNS said of a number, by its keyed hash',
  'functions/orders/attendees.ts putAttendees': 'names, which no copy is made of; their order is chained',
  'functions/orders/attendees.ts keepAttendees': 'until when names are kept',
  'functions/orders/attendees.ts nameAttendee':
    'names, which no copy is made of; that there is another is on the chained ticket',
  'functions/orders/attendees.ts dropAttendee':
    'names, which no copy is made of; that the ticket changed hands is chained',
  'functions/notifications/templates.ts writeTemplate':
    'a version that never changes; the list of versions beside it is chained',
  'functions/orders/writes.ts listForEvents': 'entry of a list that follows from the chained orders',
  'functions/orders/writes.ts listForCustomer': 'entry of a list that follows from the chained order',
  'functions/organizations/writes.ts addKey': 'the key as requests know it; the list of keys beside it is chained',
  'functions/organizations/writes.ts dropKey': 'the key as requests know it; the list of keys beside it is chained',
  'functions/organizations/writes.ts dropInvited': 'pointer that follows from the chained invitation beside it',
  'functions/organizations/writes.ts putInvitationList': 'list of chained invitations, which change beside it',
  'functions/organizations/writes.ts putInvited': 'pointer that follows from the chained invitation beside it',
  'functions/shared/table/timeline.ts keepSteps': 'the timeline itself',
  'functions/payments/writes.ts rememberSeen': 'that an event of Stripe was dealt with; what it led to is chained',
  'functions/reservations/writes.ts putCart': 'wishes, which reserve nothing: what becomes of them is a chained order',
  'functions/search/writes.ts entry': 'log of the search: a function of the stream',
  'functions/shared/runtime/api-key.ts rememberUse': 'when a key was last used, to five minutes',
  'functions/shared/runtime/guest.ts beginGuest': 'sessions end by themselves; the holds of one are chained',
  'functions/shared/runtime/guest.ts endGuest':
    'sessions end by themselves; the holds taken over beside it are chained',
  'functions/shared/runtime/guest.ts listGuestHolds': 'list of chained reservations, one of which is put beside it',
  'functions/shared/runtime/limits.ts countUse': 'counter of a limit',
  'functions/shared/runtime/limits.ts rememberTimes': 'counter of a limit',
  'functions/shared/table/due-list.ts enlist': 'list of what is due: a function of the stream',
  'functions/shared/table/due-list.ts rememberRun': 'how far a job has come',
  'functions/shared/table/due-list.ts strike': 'list of what is due: a function of the stream',
  'functions/support/writes.ts listCase': 'entry of a list that follows from the chained case beside it',
  'functions/support/writes.ts unlistCase': 'entry of a list that follows from the chained case beside it',
  'functions/users/writes.ts claimEmail': 'claim of an address, with the chained account',
  'functions/users/writes.ts claimMailbox': 'an id for a mailbox, which limits count by',
  'functions/users/writes.ts countPhoneSend': 'counter of a limit',
  'functions/users/writes.ts countPhoneTry': 'counter of guesses',
  'functions/users/writes.ts destroyKeys': 'secrets, with the anonymised account, which is chained',
  'functions/users/writes.ts dropRow': 'what is left of an anonymised account, which is chained',
  'functions/users/writes.ts endSession': 'sessions live for hours; what is done in them is chained, by whom included',
  'functions/users/writes.ts putLogIns':
    'counters of guesses; what they lead to is chained with the account beside them',
  'functions/users/writes.ts putDecoy': 'nothing: it takes the time of a change where there is none',
  'functions/users/writes.ts putPassword': 'a secret: the chained account beside it tells that it was set',
  'functions/users/writes.ts putPersonKey': 'a wrapped key, of the chained account',
  'functions/users/writes.ts putPhoneCode': 'a secret of minutes: the chained account tells that a number was proven',
  'functions/users/writes.ts putSession': 'sessions live for hours; what is done in them is chained, by whom included',
  'functions/users/writes.ts refreshSession':
    'sessions live for hours; what is done in them is chained, by whom included',
  'functions/users/writes.ts regrantSession': 'copy of the rights of the chained account',
  'functions/users/writes.ts rememberMailbox': 'which mailbox a person has left, with the chained account',
  'functions/users/writes.ts releaseMailbox': 'an id for a mailbox, with the anonymised account, which is chained',
  'functions/users/writes.ts releaseEmail': 'claim of an address, with the chained account',
  'functions/users/writes.ts spendPhoneCode': 'a secret of minutes: the chained account tells that a number was proven',
  'functions/venues/writes.ts acceptPlan': 'version of a plan, never changed; the venue beside it is chained',
  'functions/venues/writes.ts markSeats': 'what a map shows of the chained orders',
  'functions/venues/writes.ts putPlanParts': "a function of the plan's id",
};

/** Where the write algebra is defined, and where it chains. */
const ALGEBRA = ['functions/shared/table/writes.ts', 'functions/shared/table/aggregate.ts'];

/** The functions of `text` that make a write themselves, as `<file> <name>`. */
export function unchainedWritersIn(file: string, text: string): readonly string[] {
  if (ALGEBRA.includes(file)) return [];
  const writers = new Set<string>();
  let name = '';
  for (const line of text.split('\n')) {
    name = /^(?:export )?(?:async )?(?:function\*? ?|const |class )(\w+)/.exec(line)?.[1] ?? name;
    if (/\bkind: ['"`](?:put|update|delete)['"`]/.test(line)) writers.add(`${file} ${name}`);
  }
  return [...writers];
}
