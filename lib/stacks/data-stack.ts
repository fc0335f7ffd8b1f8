import { CfnOutput, Duration, RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';

import { acknowledge } from '../constructs/acknowledge.ts';
import { ownService } from '../constructs/own-service.ts';
import { GSI1 } from '../constructs/table-access.ts';
import { OUTPUTS, STACK_NAMES, type Stage } from '../stages.ts';

/** Records that the relay gave up on are kept this long for `npm run outbox:replay`. */
const FAILED_RECORDS_KEPT = Duration.days(90);

/**
 * Who was erased stays in the register for longer than any backup of the table may be kept: point-in-time recovery
 * reaches 35 days back, and whoever keeps backups of their own keeps them no longer than this.
 */
const ERASURES_KEPT = Duration.days(3_650);

/** The job that makes them removes them within hours and makes a new one each week; this sweeps up after it. */
const SNAPSHOTS_KEPT = Duration.days(30);

/** Uploads are looked at within seconds; what nobody could look at is of no use after that. */
const UPLOADS_KEPT = Duration.days(1);
/** Pictures of events that others have taken the place of: mails and other sites may name them for a while. */
const REPLACED_KEPT = Duration.days(90);
/** Printed tickets: they are drawn anew at any time. */
const DOCUMENTS_KEPT = Duration.days(30);

/**
 * The longest that KMS takes. Each of the first two rotations adds a dollar to every month from then on. It
 * encrypts nothing but keys of 32 bytes, never more than 2^32 of them; what was wrapped before stays readable.
 */
const KEY_ROTATED_EVERY = Duration.days(2_560);

/** What must outlive every deployment: the table, the buckets, the key. Nothing here is ever deleted with its stack. */
export class DataStack extends Stack {
  readonly table: Table;
  /** Stream records that the relay could not publish, in full. */
  readonly failedRecords: Bucket;
  /** Snapshots of the search index; they can be made anew from the table. */
  readonly searchSnapshots: Bucket;
  /** Pictures of events, in all their sizes, and uploads on their way to be some. */
  readonly pictures: Bucket;
  /** Register of erased persons, by id: a table that is restored from a backup does not know who must be erased again. */
  readonly erasures: Bucket;
  /** Key of ours for what costs nothing extra under it; absent where the stage lives with AWS's own keys. */
  readonly key: Key | undefined;

  constructor(app: App, stage: Stage) {
    super(app, STACK_NAMES.data, {
      env: environmentOf(stage),
      description: 'Onsale: table, buckets and key. Kept when the stack is deleted.',
      terminationProtection: true,
      tags: { app: 'onsale', stage: stage.name },
    });
    this.key = stage.encryptionKey === 'customer' ? this.#makeKey() : undefined;
    this.table = this.#makeTable();
    this.failedRecords = this.#makeBucket('FailedRecords', { '': FAILED_RECORDS_KEPT });
    this.searchSnapshots = this.#makeBucket('SearchSnapshots', { '': SNAPSHOTS_KEPT });
    this.erasures = this.#makeBucket('Erasures', { '': ERASURES_KEPT });
    this.pictures = this.#makeBucket('Pictures', {
      'uploads/': UPLOADS_KEPT,
      'replaced/': REPLACED_KEPT,
      'documents/': DOCUMENTS_KEPT,
    });
    tellOfObjects(this.pictures);
    new CfnOutput(this, OUTPUTS.failedRecordsBucket, { value: this.failedRecords.bucketName });
    new CfnOutput(this, OUTPUTS.erasuresBucket, { value: this.erasures.bucketName });
    new CfnOutput(this, OUTPUTS.tableName, { value: this.table.tableName });
  }

  #makeKey(): Key {
    const key = new Key(this, 'Key', {
      description: 'Onsale: data keys of persons, buckets, alarm topic',
      enableKeyRotation: true,
      rotationPeriod: KEY_ROTATED_EVERY,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // CloudWatch publishes to the encrypted alarm topic; it cannot do so under a key of AWS's.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [ownService(this, 'cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    return key;
  }

  #makeTable(): Table {
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    table.addGlobalSecondaryIndex({
      indexName: GSI1,
      partitionKey: { name: 'gsi1pk', type: AttributeType.STRING },
      sortKey: { name: 'gsi1sk', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    return table;
  }

  /** @param kept how long objects are, by the beginning of their names; by an empty one, all */
  #makeBucket(id: string, kept: Readonly<Record<string, Duration>>): Bucket {
    const bucket = new Bucket(this, id, {
      ...(this.key === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: Object.entries(kept).map(([prefix, expiration]) => ({
        expiration,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        ...(prefix === '' ? {} : { prefix }),
      })),
    });
    acknowledge(bucket, {
      'AwsSolutions-S1': 'only one role writes here and nobody reads but operators, whom CloudTrail names',
    });
    return bucket;
  }
}

/**
 * Makes a bucket tell EventBridge of its objects, and lets browsers send some there: under addresses that are signed for
 * one file each, so it does not matter which page they are on. In the template itself, without CDK's function for it.
 */
function tellOfObjects(bucket: Bucket): void {
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof CfnBucket)) throw new Error('A bucket without a resource');
  defaultChild.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  bucket.addCorsRule({ allowedMethods: [HttpMethods.PUT], allowedOrigins: ['*'], allowedHeaders: ['content-type'] });
}

/** Where a stage's stacks go: its region, and its account if it names one. */
export function environmentOf(stage: Stage): { region: string; account?: string } {
  return { region: stage.region, ...(stage.account === undefined ? {} : { account: stage.account }) };
}
