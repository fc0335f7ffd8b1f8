import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { getJson } from '../support/json.ts';

/** Grants that only a failure or a rare path uses, each with its reason. */
const RARELY_USED: readonly { readonly grant: RegExp; readonly why: string }[] = [
  { grant: / logs:(CreateLogStream|PutLogEvents)$/, why: 'Lambda itself writes the logs' },
  {
    grant: /PurchaseLedger.* dynamodb:DeleteItem$/,
    why: 'takes the case of a review off the open ones where nobody has decided in time',
  },
  { grant: / sqs:ChangeMessageVisibility$/, why: 'Lambda itself gives back what it cannot deliver' },
  { grant: / dynamodb:ListStreams$/, why: 'Lambda itself finds the stream; AWS offers no narrower resource' },
  { grant: /OutboxRelay.* (s3:|kms:)/, why: 'Lambda itself keeps the records that could not be relayed' },
  { grant: / ssm:GetParameter \S+personal-data-key$/, why: 'opens values from before persons had data keys' },
  { grant: /UsersProfiles.* kms:GenerateDataKey$/, why: 'seals anew what is from before persons had data keys' },
  {
    grant: /PrivacyPersons.* dynamodb:PutItem$/,
    why: 'makes the list of admins where an admin erases another before there is one',
  },
  {
    grant: /PrivacyFinishErasures.* dynamodb:PutItem$/,
    why: 'the same when erasures are repeated on a restored table',
  },
  {
    grant: /(?:PrivacyFinishErasures|SearchCompactIndex).* kms:GenerateDataKey$|Search\w+ kms:Decrypt$/,
    why: 'S3 itself asks KMS, on behalf of who reads or writes an object',
  },
  {
    grant: /PrivacyFinishErasures.* s3:DeleteObject /,
    why: 'removes what tickets were printed in the last month, where who is erased has any',
  },
  {
    grant: /NotificationsSendMail.* s3:DeleteObject /,
    why: 'removes what was printed of a ticket that is given up, where anything was',
  },
  { grant: /SearchCompactIndex.* s3:DeleteObject /, why: 'a snapshot is swept an hour after another has replaced it' },
  {
    grant: /(?:Pictures|DeliveryHolders)\w* (?:kms:Decrypt|kms:GenerateDataKey)$/,
    why: 'S3 itself asks KMS, on behalf of who reads or writes an object',
  },
  { grant: /PicturesShow.* s3:PutObject$/, why: 'used by who uploads under an address that it has signed' },
  {
    grant: /PicturesMake.* s3:PutObject .*aws\/lambda|PicturesMake.* s3:(?:PutObject|ListBucket) .*failed/i,
    why: 'Lambda itself keeps what could not be made',
  },
  { grant: /NotificationsFeedback.* (?:s3:|kms:)/, why: 'Lambda itself keeps what could not be noted' },
  {
    grant: /ReservationsExpireHolds.* dynamodb:ConditionCheckItem$/,
    why: 'brings the blocks of a house in line that is too large for one transaction',
  },
  {
    grant: /ReconcilePayments.* dynamodb:BatchWriteItem$/,
    why: 'lists refunds anew that the bank still has after an hour',
  },
  {
    grant: /(?:SettlePayments|CancelEvent).* dynamodb:DeleteItem$/,
    why: 'takes a case from the list of closed ones where its refund fails once more',
  },
  {
    grant: /CatalogCancelEvent.* dynamodb:(?:ConditionCheckItem|BatchWriteItem)$/,
    why: 'closes the blocks of a house that is too large for one transaction; lists orders that the hourly audit has not',
  },
  {
    grant: /ReservationsExpireHolds.* states:StartExecution$/,
    why: 'starts a cancellation anew whose workflow did not start, or died',
  },
  {
    grant: /OrdersCheckout.* (?:dynamodb:ConditionCheckItem|kms:GenerateDataKey)$/,
    why: 'names of holders that come after their order, and the first that a vendor sends',
  },
  { grant: /ReconcilePayments.* dynamodb:UpdateItem$/, why: 'ties a payment to an order that lost its id in a crash' },
];

interface Permissions {
  readonly refused: readonly unknown[];
  readonly unusedGrants: readonly { readonly principal: string; readonly action: string; readonly resource: string }[];
}

// Runs last (see the sequence of this project): everything before it is what used the grants.
it('no function was refused anything, and every grant was used by the suite', async () => {
  const { refused, unusedGrants } = await getJson<Permissions>(`${inject('system').controlUrl}/_local/iam`);
  expect(refused).toEqual([]);
  const unexplained = unusedGrants.filter(
    ({ principal, action, resource }) =>
      !RARELY_USED.some(
        ({ grant }) => grant.test(`${principal} ${action}`) || grant.test(`${principal} ${action} ${resource}`),
      ),
  );
  expect(unexplained).toEqual([]);
});
