import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { makePicturesEnv, pictureRoutes, picturesEnv } from '../../functions/catalog/image-routes.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { FAILED_RECORD_OBJECTS, toBucket } from '../constructs/failures.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { sessionVariables, tableVariables, type Platform } from './platform.ts';

/** Both ids are in the name of each object, see `functions/catalog/domain/images.ts`. */
const UPLOADS = 'uploads/';
const PICTURES = 'pictures/';
const REPLACED = 'replaced/';

/** Pictures of events: where they are uploaded, made and shown. */
export class Pictures extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Pictures');
    const { pictures: bucket, table } = platform;
    const [uploads, pictures, replaced] = [
      bucket.arnForObjects(`${UPLOADS}*`),
      bucket.arnForObjects(`${PICTURES}*`),
      bucket.arnForObjects(`${REPLACED}*`),
    ];
    const show = declareFunction(this, 'Show', platform, {
      entry: 'catalog/handlers/http-pictures.ts',
      description: 'Where pictures of events are uploaded and seen',
      schema: picturesEnv,
      environment: { ...sessionVariables(platform), PICTURES_BUCKET: bucket.bucketName },
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    allowTable(show, table, ['GetItem', 'UpdateItem']);
    // Whoever uploads does so by its leave, one file at a time.
    show.allow(['s3:PutObject'], [uploads]);
    show.allow(['s3:GetObject'], [pictures, replaced]);
    platform.http.serve(show, pictureRoutes);

    const make = declareFunction(this, 'Make', platform, {
      entry: 'catalog/handlers/s3-make-pictures.ts',
      description: 'Checks uploaded pictures and makes them in all sizes',
      schema: makePicturesEnv,
      environment: { ...tableVariables(platform), PICTURES_BUCKET: bucket.bucketName },
      timeoutSeconds: 120,
      // One whole processor; 24 million pixels are 96 MB, of which the codecs hold several copies.
      memoryMiB: 1_769,
    });
    allowTable(make, table, ['GetItem', 'UpdateItem']);
    make.allow(['s3:GetObject', 's3:DeleteObject'], [uploads]);
    make.allow(['s3:PutObject'], [pictures, replaced]);
    // What another picture has taken the place of is put aside.
    make.allow(['s3:GetObject', 's3:DeleteObject'], [pictures]);
    this.#tell(make, platform);
    for (const fn of [show, make]) {
      bucket.encryptionKey?.grant(fn.lambda, 'kms:Decrypt', 'kms:GenerateDataKey');
      acknowledgeNames(fn);
    }
  }

  /** EventBridge invokes the function: a queue between them would be polled for $0.26 a month. */
  #tell(make: OnsaleFunction, { pictures, failedRecords }: Platform): void {
    make.lambda.configureAsyncInvoke({ retryAttempts: 2, onFailure: toBucket(failedRecords, make) });
    acknowledge(make, {
      [`AwsSolutions-IAM5[Resource::${FAILED_RECORD_OBJECTS}]`]:
        'Lambda names the objects of failed invocations itself',
    });
    new Rule(this, 'Uploaded', {
      description: 'A picture was uploaded',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [pictures.bucketName] }, object: { key: [{ prefix: UPLOADS }] } },
      },
      targets: [new LambdaFunction(make.lambda)],
    });
  }
}

function acknowledgeNames(fn: OnsaleFunction): void {
  for (const prefix of [UPLOADS, PICTURES, REPLACED])
    acknowledge(fn, {
      [`AwsSolutions-IAM5[Resource::${OBJECTS}/${prefix}*]`]: 'each picture has a name of its own, below one prefix',
    });
}

/** The same as cdk-nag names what the data stack exports. */
const OBJECTS = 'OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255';
