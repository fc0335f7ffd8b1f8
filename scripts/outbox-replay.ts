/** `npm run outbox:replay`: gives the relay what it gave up on once more. See `--help` and docs/runbook.md. */
import { explainReplay, findDeployed, replayFailedRecords } from './outbox/replay.ts';
import { runBucketCommand } from './setup/bucket-command.ts';

const HELP = `Gives the relay once more the batches of the table's stream that it gave up on, which Lambda
kept in the bucket of failed records. Relaying is idempotent, so repeat it as you like.

  npm run outbox:replay                   every batch; deletes those that were relayed
  npm run outbox:replay -- --dry-run      only reads and counts; changes nothing

  --bucket NAME     bucket of failed records   (output FailedRecordsBucket of OnsaleData)
  --function NAME   the relay                  (output RelayFunction of OnsaleApp)
  --dry-run         invoke nothing, delete nothing
  --help            this text

Account and region are those of the AWS command line (AWS_PROFILE, AWS_REGION). A batch that cannot
be relayed stays in the bucket and is named.
Exit code: 0 nothing stays (dry run: nothing would), 1 something does, or an error.`;

await runBucketCommand({
  help: HELP,
  find: findDeployed,
  work: async ({ s3, lambda, ...names }) => {
    const { replayed, stayed } = await replayFailedRecords({ s3, lambda }, names, console.log);
    const [done, left] = names.dryRun ? ['could be replayed', 'could not'] : ['replayed', 'stayed'];
    console.log(`${done}: ${replayed}, ${left}: ${stayed}`);
    return stayed === 0;
  },
  explain: explainReplay,
});
