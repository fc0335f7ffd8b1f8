/** `npm run erasures:repeat`: erases again whom a restored table knows again. See `--help` and docs/runbook.md. */
import { explainRepetition, findErasures, repeatErasures } from './erasures/repeat.ts';
import { runBucketCommand } from './setup/bucket-command.ts';

const HELP = `Erases again everybody in the register of erased persons, after the table was restored from a
backup that is older than some of the erasures. Who is erased already is left alone, so repeat it as you like.

  npm run erasures:repeat                   everybody in the register
  npm run erasures:repeat -- --dry-run      only counts them

  --bucket NAME     the register                         (output ErasuresBucket of OnsaleData)
  --function NAME   the function that finishes erasures  (output ErasuresFunction of OnsaleApp)
  --dry-run         invoke nothing
  --help            this text

Account and region are those of the AWS command line (AWS_PROFILE, AWS_REGION).
Exit code: 0 all are erased (dry run: always), 1 some may not be, or an error.`;

await runBucketCommand({
  help: HELP,
  find: findErasures,
  work: async ({ s3, lambda, ...names }) => {
    const { erased, untouched, failed } = await repeatErasures({ s3, lambda }, names, console.log);
    console.log(`erased again: ${erased}, nothing to do: ${untouched}, failed: ${failed}`);
    return failed === 0;
  },
  explain: explainRepetition,
});
