import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { getJson } from '../support/json.ts';

/** Grants that only a failure or a rare path uses, each with its reason. */
const RARELY_USED: readonly { readonly grant: RegExp; readonly why: string }[] = [
  { grant: / logs:(CreateLogStream|PutLogEvents)$/, why: 'Lambda itself writes the logs' },
  {
    grant: / sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes|ChangeMessageVisibility|GetQueueUrl)$/,
    why: 'Lambda itself polls the queue',
  },
  {
    grant: / dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/,
    why: 'Lambda itself reads the stream',
  },
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
    ({ principal, action }) => !RARELY_USED.some(({ grant }) => grant.test(`${principal} ${action}`)),
  );
  expect(unexplained).toEqual([]);
});
