import type { PersonalField } from '../../functions/users/personal-data.ts';

/** How a value is kept from whoever reads the table. */
export type Protection =
  /** AES-256-GCM under the person's data key. */
  | 'sealed'
  /** HMAC under a secret of the stage: found by who has the value, told to nobody. */
  | 'keyed hash'
  /** bcrypt over a keyed hash. */
  | 'password hash'
  /** Under the one KMS key, or in a stage without one under a secret. */
  | 'wrapped'
  /** An id that tells nothing by itself; what it leads to is sealed. */
  | 'id'
  | 'plain';

/** What is kept about a person in one attribute of one kind of item. */
export interface PersonalEntry {
  /** The item as `docs/access-patterns.md` names it. */
  readonly item: string;
  readonly attribute: string;
  readonly protection: Protection;
  readonly purpose: string;
  readonly retention: string;
  /** Where an export shows it; a dash where it would be a secret, somebody else's, or a copy. */
  readonly exported: string;
  /** `gone`, or what stays and why. */
  readonly onErasure: string;
}

const ACCOUNT = 'until the account is erased; earlier values in its timeline, sealed or as they are here';
const GONE = 'gone';

const sealed = (attribute: PersonalField, purpose: string): PersonalEntry => ({
  item: 'account',
  attribute,
  protection: 'sealed',
  purpose,
  retention: ACCOUNT,
  exported: `person.account.${attribute}`,
  onErasure: 'emptied; copies in timeline and backups open no more, since the key is destroyed',
});

const account = (
  attribute: string,
  purpose: string,
  exported: string,
  onErasure: string,
  protection: Protection = 'plain',
): PersonalEntry => ({
  item: 'account',
  attribute,
  protection,
  purpose,
  retention: ACCOUNT,
  exported,
  onErasure,
});

const SHOWN = 'person.history';

/** Everything that is kept about a person in the table. Tests hold it against the rows and the schemas of the code. */
export const PERSONAL_DATA: readonly PersonalEntry[] = [
  sealed('email', 'log-in, mail'),
  sealed('pendingEmail', 'address to change to, until it is proven'),
  sealed('previousEmail', 'tells the address before of the change'),
  sealed('firstName', 'mail, members of an organisation'),
  sealed('lastName', 'mail, members of an organisation'),
  sealed('dateOfBirth', 'age limits of events'),
  sealed('phone', 'text messages, once proven and asked for'),
  sealed('address', 'invoices'),
  account(
    'userId',
    'names the person everywhere else',
    'userId',
    'stays: orders and audit know the person by it',
    'id',
  ),
  account('emailHash', 'of rows from before; not written any more', '–', GONE, 'keyed hash'),
  account('locale', 'language of mails', 'person.account.locale', 'set to en'),
  account('phoneVerifiedAt', 'opt-in for text messages', 'person.account.phoneVerified', GONE),
  account('deliveryChannel', 'how messages reach the person', 'person.account.deliveryChannel', GONE),
  account(
    'consents',
    'proof of what was agreed to, with version and time',
    'person.account.consents',
    'gone from the row; stays in the timeline as proof',
  ),
  account('mutedNews', 'keeps news from who wants none', 'person.account.news', GONE),
  account('status', 'whether the address is theirs', 'person.account.status', 'stays'),
  account('roles', 'what the person may do', 'person.account.roles', GONE),
  account('memberships', 'posts in organisations', 'person.organizations', GONE),
  account('accessEpoch', 'counts changes that sessions must hear of', '–', 'stays: a counter'),
  account('verification', 'proves the address by a mailed link: a random number and its end, not the token', '–', GONE),
  account('passwordReset', 'as `verification`, for a new password', '–', GONE),
  account('emailChange', 'as `verification`, for another address', '–', GONE),
  account('createdAt', 'when the account was made', 'person.account.createdAt', 'stays'),
  account('bannedAt', 'bars the person', SHOWN, 'stays'),
  account('passwordChangedAt', 'tells a password from before a change from the one after it', SHOWN, GONE),
  account('lockId', 'names the lock in the mail that lifts it', SHOWN, GONE),
  account('lockedUntil', 'until when wrong passwords have locked log-in', SHOWN, GONE),
  account('exportedAt', 'says that data was handed out', SHOWN, GONE),
  account('deletedAt', 'bars the account', SHOWN, 'stays'),
  account('erasedAt', 'says that nothing is left to do', '–', 'stays'),
  {
    item: 'account',
    attribute: 'cid, by',
    protection: 'id',
    purpose: 'audit: on which request and by whom, of this and every other aggregate',
    retention: 'as long as the aggregate',
    exported: 'history (whether the person, the system or somebody else)',
    onErasure: 'stays: the chain is computed over it',
  },
  {
    item: 'what changed within ten minutes, batch by batch',
    attribute: 'things',
    protection: 'id',
    purpose: 'audit by time: which rows changed, never to what',
    retention: 'as long as the audit',
    exported: '–',
    onErasure: 'stays: ids',
  },
  {
    item: 'hash of its password',
    attribute: 'passwordHash',
    protection: 'password hash',
    purpose: 'log-in',
    retention: 'until it is changed or the account is erased',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'wrapped data key of a person',
    attribute: 'wrapped',
    protection: 'wrapped',
    purpose: 'opens what is sealed',
    retention: 'until the account is erased; in backups of the table for up to 35 days more',
    exported: '–',
    onErasure: 'gone, which is the erasure',
  },
  {
    item: 'session',
    attribute: 'deviceName',
    protection: 'plain',
    purpose: 'the person knows their sessions by it',
    retention: 'until some time after the session ends (TTL)',
    exported: 'person.sessions',
    onErasure: GONE,
  },
  {
    item: 'session',
    attribute: 'createdAt, lastSeenAt, rotatedAt, expiresAt, endsAt, endedAt, rememberMe',
    protection: 'plain',
    purpose: 'ending sessions, by time or by the person',
    retention: 'until some time after the session ends (TTL)',
    exported: 'person.sessions',
    onErasure: GONE,
  },
  {
    item: 'session',
    attribute: 'userId, roles, memberships, epoch, csrf, refreshHash, generation',
    protection: 'plain',
    purpose: 'every authenticated request: one read',
    retention: 'until some time after the session ends (TTL)',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'log-ins of an account',
    attribute: 'devices, places',
    protection: 'keyed hash',
    purpose:
      'knows devices and networks again: whoever guesses elsewhere locks nobody out there, and new ones are told',
    retention: 'the last six and five, until the account is erased',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'log-ins of an account',
    attribute: 'failures, failedAt, lockedUntil, lockId, mailedAt, rev',
    protection: 'plain',
    purpose: 'bounds guesses of passwords',
    retention: 'as the above; at an address without an account two days (TTL)',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'uses of what is limited',
    attribute: 'pk',
    protection: 'keyed hash',
    purpose: 'bounds what comes from one network address, or goes to one mail address',
    retention: 'until some time after its window of a day at most (TTL)',
    exported: '–',
    onErasure: 'stays for its hour or day',
  },
  {
    item: 'mailbox, whichever of its addresses somebody signs in by',
    attribute: 'pk, limitId, userId',
    protection: 'keyed hash',
    purpose: 'limits per person count all addresses of a mailbox as one; orders keep the id, never the hash',
    retention: 'until the account that signed in from it first is erased',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'mailbox of an address that a person had before',
    attribute: 'sk',
    protection: 'keyed hash',
    purpose: 'erasure finds the mailbox by it, whose limits go on until then',
    retention: 'until the account is erased',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'address claim',
    attribute: 'pk',
    protection: 'keyed hash',
    purpose: 'one account for one address; log-in finds the account by it',
    retention: 'until the account is erased',
    exported: '–',
    onErasure: 'gone: the address may register again',
  },
  {
    item: 'what is written where there is nothing to mail',
    attribute: 'pk',
    protection: 'keyed hash',
    purpose: 'takes the time of a change, so that nobody learns whether an address has an account',
    retention: 'a day (TTL)',
    exported: '–',
    onErasure: 'stays for its day: it is about addresses without an account',
  },
  {
    item: 'code that proves a phone number',
    attribute: 'codeHash, sends, tries, expiresAt, rev',
    protection: 'keyed hash',
    purpose: 'proves that a number is the person’s; bounds guesses and costs',
    retention: 'two days (TTL)',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'messages sent to a number',
    attribute: 'pk',
    protection: 'keyed hash',
    purpose: 'bounds what anybody has sent to a number, whoever claims it',
    retention: 'two days (TTL)',
    exported: '–',
    onErasure: 'stays for its two days: it protects the number’s owner',
  },
  {
    item: 'reservation and order',
    attribute: 'customerId',
    protection: 'id',
    purpose: 'whose order it is',
    retention: 'kept: accounting and refunds',
    exported: 'orders; of holds that were never ordered nothing (ADR 19)',
    onErasure: 'stays: totals and stock follow from orders',
  },
  {
    item: 'reservation and order',
    attribute: 'paymentIntentId',
    protection: 'id',
    purpose: 'payment; Stripe is told the order’s id and nothing of the person',
    retention: 'kept: accounting and refunds',
    exported: 'orders.payment',
    onErasure: 'stays; what Stripe was told by the buyer’s browser is erased at Stripe',
  },
  {
    item: 'what speaks against a buyer',
    attribute: 'pk, facts',
    protection: 'id',
    purpose:
      'fraud check: refused cards (as hashes), orders that lapsed, excess, what the payment provider doubts; whether the bank asks, or a person of ours decides',
    retention: 'a day after the last fact (TTL)',
    exported: '–',
    onErasure: 'stays for its day: a hash of an id, and ids',
  },
  {
    item: 'cart of a person, of an anonymous session',
    attribute: 'lines, ordered, requests, rev, expiresAt',
    protection: 'plain',
    purpose: 'what the person thinks of buying; a hash of each request that put something in, so that it counts once',
    retention: '30 days after the last change (TTL)',
    exported: 'person.cart',
    onErasure: GONE,
  },
  {
    item: 'anonymous session',
    attribute: 'guestId, holds, expiresAt, rev, takenBy',
    protection: 'id',
    purpose: 'holds and carts of who has not signed in; of whoever did, which account, for a day',
    retention: '30 days; a day after a log-in (TTL)',
    exported: '–',
    onErasure: 'stays for its day',
  },
  {
    item: 'names of who is to come by an order',
    attribute: 'name1',
    protection: 'sealed',
    purpose: 'on tickets, one attribute for each place of the order; for organizers of the event and its staff',
    retention:
      'a month after an order that is not paid, a year after the end of its tickets (TTL), until the ticket is passed on',
    exported: 'orders.attendees',
    onErasure: 'stays, but opens no more: it is sealed under the key of whoever ordered',
  },
  {
    item: 'names of who is to come by an order',
    attribute: 'asked',
    protection: 'sealed',
    purpose: 'a hash of the names that came with the order: a retry is known by it',
    retention: 'as the names',
    exported: '–',
    onErasure: 'stays, but opens no more',
  },
  {
    item: 'entry of a customer’s order list',
    attribute: 'pk',
    protection: 'id',
    purpose: '“my orders”',
    retention: 'as long as the order',
    exported: 'orders',
    onErasure: 'stays',
  },
  {
    item: 'ticket',
    attribute:
      'customerId, usedAt, usedGate, usedScan, reissuedFor, offer, transferredTo, transferredFrom, countedFor, namings',
    protection: 'id',
    purpose: 'admission',
    retention: 'as long as the order',
    exported: 'orders.tickets',
    onErasure: 'stays: a bearer code that admits whoever shows it',
  },
  {
    item: 'to whom a ticket is offered',
    attribute: 'email',
    protection: 'sealed',
    purpose: 'whom the mail goes to',
    retention: 'until it is accepted or taken back, or some time after the seven days (TTL)',
    exported: '–',
    onErasure: 'gone with the offer',
  },
  {
    item: 'to whom a ticket is offered',
    attribute: 'addressHash',
    protection: 'keyed hash',
    purpose: 'who has the address may accept without the mail',
    retention: 'until it is accepted or taken back, or some time after the seven days (TTL)',
    exported: '–',
    onErasure: 'gone with the offer',
  },
  {
    item: 'phones that have a pass',
    attribute: 'devices',
    protection: 'sealed',
    purpose:
      'the token by which Apple wakes a phone whose pass has changed, sealed; what the phone calls itself, as a keyed hash',
    retention: 'until the phone has the pass no longer; else a year after the end of its event (TTL)',
    exported: 'person.passesInPhones',
    onErasure: 'gone',
  },
  {
    item: 'phones that have a pass',
    attribute: 'serial, customerId, eventId, rev',
    protection: 'id',
    purpose: 'which pass of whom it is',
    retention: 'as the above',
    exported: '–',
    onErasure: 'gone',
  },
  {
    item: 'pass in the list of an event, of a phone',
    attribute: 'pk, customerId',
    protection: 'id',
    purpose: 'finds the phones to tell of an event, and the passes that a phone asks for',
    retention: 'as the above',
    exported: '–',
    onErasure: 'stays: ids, which lead to nothing any more',
  },
  {
    item: 'entry of a list of received tickets',
    attribute: 'pk, ticketId',
    protection: 'id',
    purpose: 'finds the tickets that somebody was given',
    retention: 'as long as the order',
    exported: 'person.receivedTickets',
    onErasure: 'stays: ids',
  },
  {
    item: 'print job',
    attribute: 'ticketId, station, reprint, failure',
    protection: 'id',
    purpose: 'which ticket a box office had printed, where, and why again; no name, no free text',
    retention: 'as long as the event',
    exported: '–',
    onErasure: 'stays: ids',
  },
  {
    item: 'notification of a ticket',
    attribute: 'ticketId, status, attempts, claimedAt, sentAt',
    protection: 'id',
    purpose: 'one mail for one cause; holds neither address nor text',
    retention: 'as long as the order',
    exported: '–',
    onErasure: 'stays',
  },
  {
    item: 'scan',
    attribute: 'ticketId, staffId',
    protection: 'id',
    purpose: 'validation log of the event',
    retention: 'as long as the event',
    exported: 'orders.tickets.admission',
    onErasure: 'stays',
  },
  {
    item: 'notification',
    attribute: 'orderId, channel, status, attempts, claimedAt, sentAt, deliveredAt, feedbackAt, reason',
    protection: 'id',
    purpose: 'one mail for one cause; holds neither address nor text',
    retention: 'as long as the order',
    exported: 'orders.notifications',
    onErasure: 'stays',
  },
  {
    item: 'notification to a person',
    attribute:
      'userId, notificationId, channel, status, attempts, claimedAt, firstAt, sentAt, deliveredAt, feedbackAt, failures, retryAt, messageId, reason, possibleDuplicate',
    protection: 'id',
    purpose: 'one mail or text message for one cause; holds neither address nor text',
    retention: 'until the account is erased',
    exported: 'person.notifications',
    onErasure: GONE,
  },
  {
    item: 'mail to be tried again',
    attribute: 'message',
    protection: 'id',
    purpose: 'the event behind a refused mail, as the mail queue takes it: ids, no name and no address',
    retention: 'minutes; a day while the mail provider’s quota is used up',
    exported: '–',
    onErasure: 'stays: what it asks for is then told nobody',
  },
  {
    item: 'notice to the holders of an event',
    attribute: 'eventId, template, variables',
    protection: 'plain',
    purpose: 'what an organizer wrote to all holders of an event; about the event, to nobody by name',
    retention: 'as long as the event',
    exported: '–',
    onErasure: 'stays: it is the event’s',
  },
  {
    item: 'request to send tickets again',
    attribute: 'orderId',
    protection: 'id',
    purpose: 'who had the tickets of which order sent again, and when',
    retention: 'as long as the order',
    exported: 'orders.notifications',
    onErasure: 'stays',
  },
  {
    item: 'address or phone number that must not be written to',
    attribute: 'pk, reason, at',
    protection: 'keyed hash',
    purpose: 'mails to it bounced or were called spam; its reader has answered STOP',
    retention: 'a year',
    exported: '–',
    onErasure: 'stays: nobody can tell whose it is',
  },
  {
    item: 'one person’s count of a limited type',
    attribute: 'pk',
    protection: 'id',
    purpose: 'limit of tickets a person',
    retention: 'as long as the ticket type',
    exported: '–',
    onErasure: 'stays: an id and a number',
  },
  {
    item: 'organisation with its members',
    attribute: 'members',
    protection: 'id',
    purpose: 'who works for it, since when, as what',
    retention: 'until the person leaves; in its timeline as long as the organisation',
    exported: 'person.organizations',
    onErasure: 'gone; ids stay in the timeline',
  },
  {
    item: 'invitation to an organisation’s team',
    attribute: 'email',
    protection: 'sealed',
    purpose: 'whom the mail goes to, and whom organizers have invited',
    retention:
      'until it is accepted, revoked or withdrawn, or the seven days are over: then its data key goes, at the latest by TTL',
    exported: '–',
    onErasure: 'gone, with the key that it is sealed under',
  },
  {
    item: 'invitation to an organisation’s team',
    attribute: 'invitedBy, acceptedBy, posts, locale, nonce, createdAt, expiresAt, state',
    protection: 'id',
    purpose: 'who has invited whom to what; the nonce is worthless without the key of links',
    retention: 'as long as the organisation',
    exported: '–',
    onErasure: 'stays: ids',
  },
  {
    item: 'open invitations of an organisation',
    attribute: 'open, rev',
    protection: 'keyed hash',
    purpose: 'one invitation for one address, and a bound on how many',
    retention: 'until it closes, or some time after the seven days (TTL)',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'that an address is invited',
    attribute: 'pk, invitationId',
    protection: 'keyed hash',
    purpose: 'finds the invitations of who is erased',
    retention: 'until it closes, or some time after the seven days (TTL)',
    exported: '–',
    onErasure: GONE,
  },
  {
    item: 'list of admins',
    attribute: 'adminIds',
    protection: 'id',
    purpose: 'one admin must be left',
    retention: 'until the person is no admin',
    exported: 'person.account.roles',
    onErasure: 'gone; ids stay in the timeline',
  },
  {
    item: 'an organisation’s API keys',
    attribute: 'createdBy',
    protection: 'id',
    purpose: 'who made a key',
    retention: 'as long as the key',
    exported: 'person.apiKeys',
    onErasure: 'gone; ids stay in the timeline',
  },
];

/** As `docs/personal-data.md` shows it. */
export function personalDataTable(): string {
  return [
    '| item | attribute | protection | purpose | retention | in the export | on erasure |',
    '|---|---|---|---|---|---|---|',
    ...PERSONAL_DATA.map(
      ({ item, attribute, protection, purpose, retention, exported, onErasure }) =>
        `| ${item} | ${attribute
          .split(', ')
          .map((name) => `\`${name}\``)
          .join(', ')} | ${protection} | ${purpose} | ${retention} | ${exported} | ${onErasure} |`,
    ),
  ].join('\n');
}

/** Attributes that are said something of, of one kind of item. */
export function attributesOf(item: string): readonly string[] {
  return PERSONAL_DATA.filter((entry) => entry.item === item).flatMap(({ attribute }) => attribute.split(', '));
}
