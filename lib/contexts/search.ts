import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { compactIndexEnv, searchEnv, searchRoutes } from '../../functions/search/contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, httpVariables, tableVariables, type Platform } from './platform.ts';

/** Snapshots lie under this prefix, see `functions/search/s3-snapshots.ts`. */
const SNAPSHOTS = 'snapshots/*';
/** The same as cdk-nag names what the data stack exports. */
const SNAPSHOT_OBJECTS = `OnsaleData:ExportsOutputFnGetAttSearchSnapshotsB7483B42Arn7BEC7632/${SNAPSHOTS}`;
const COMPACT_EVERY_MINUTES = 15;

/** Finding events: the search, and the job that compacts its index. */
export class Search extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Search');
    const { table, searchSnapshots: bucket, alarms } = platform;
    const find = declareFunction(this, 'Find', platform, {
      entry: 'search/handlers/http-search.ts',
      description: 'Finds events and suggests them',
      schema: searchEnv,
      environment: {
        ...httpVariables(platform),
        ...tableVariables(platform),
        ...CURSOR_VARIABLES,
        SNAPSHOTS_BUCKET: bucket.bucketName,
      },
      timeoutSeconds: 10,
      // Comes with one whole processor, which is what a search takes; of the memory it takes a fifth.
      memoryMiB: 1_769,
    });
    allowTable(find, table, ['GetItem', 'BatchGetItem', 'Query']);
    allowIndex(find, table);
    find.allow(['s3:GetObject'], [bucket.arnForObjects(SNAPSHOTS)]);
    bucket.encryptionKey?.grant(find.lambda, 'kms:Decrypt');
    platform.http.serve(find, searchRoutes);

    const compact = declareFunction(this, 'CompactIndex', platform, {
      entry: 'search/handlers/schedule-compact-index.ts',
      description: 'Compacts the index of published events',
      schema: compactIndexEnv,
      environment: { ...tableVariables(platform), SNAPSHOTS_BUCKET: bucket.bucketName },
      // Building it anew reads every published event.
      timeoutSeconds: 300,
      memoryMiB: 1_769,
    });
    allowTable(compact, table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    allowIndex(compact, table);
    compact.allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(SNAPSHOTS)]);
    compact.allow(['s3:ListBucket'], [bucket.bucketArn]);
    bucket.encryptionKey?.grant(compact.lambda, 'kms:Decrypt', 'kms:GenerateDataKey');
    platform.jobs.every(COMPACT_EVERY_MINUTES, compact, 'own');
    for (const fn of [find, compact]) acknowledgeNames(fn);

    faultsOf(this, 'FindFaults', find, FilterPattern.stringValue('$.code', '=', 'SEARCH_INDEX_FAULT'));
    const faults = faultsOf(
      this,
      'CompactFaults',
      compact,
      FilterPattern.any(
        FilterPattern.stringValue('$.code', '=', 'SEARCH_INDEX_FAULT'),
        FilterPattern.stringValue('$.code', '=', 'JOB_FAULT'),
      ),
    );
    alarms.add('SearchIndex', {
      runbook: 'search-index-is-unwell',
      says: 'The index of the search could not be loaded or compacted, or is days old.',
      metric: faults,
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
    });
  }
}

/** Both functions add to one metric: an alarm is paid by the metric. */
function faultsOf(
  scope: Construct,
  id: string,
  fn: OnsaleFunction,
  filterPattern: ReturnType<typeof FilterPattern.any>,
): Metric {
  return new MetricFilter(scope, id, {
    logGroup: fn.logGroup,
    filterPattern,
    metricNamespace: 'Onsale',
    metricName: 'searchIndexFaults',
    metricValue: '1',
  }).metric({ period: Duration.minutes(15), statistic: 'Sum' });
}

function acknowledgeNames(fn: OnsaleFunction): void {
  acknowledge(fn, {
    [`AwsSolutions-IAM5[Resource::${SNAPSHOT_OBJECTS}]`]: 'each snapshot has a name of its own, below one prefix',
  });
}
