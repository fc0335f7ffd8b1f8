import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';

import { ERASED_PREFIX, finishErasuresEnv, privacyEnv, privacyRoutes } from '../../functions/privacy/contract.ts';
import type { Notifications } from './notifications.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { OUTPUTS } from '../stages.ts';
import {
  allowPersonalData,
  CURSOR_VARIABLES,
  personalDataVariables,
  sessionVariables,
  tableVariables,
  type Platform,
} from './platform.ts';

/** The objects of the register, see `functions/privacy/s3-register.ts`. */
const REGISTER = `${ERASED_PREFIX}*`;
/** The same as cdk-nag names what the data stack exports. */
const REGISTER_OBJECTS = `OnsaleData:ExportsOutputFnGetAttErasuresA1C9C257ArnFF730912/${REGISTER}`;
const FINISH_EVERY_MINUTES = 15;

/** What people may ask of their data: a copy of it, and that it is erased. */
export class Privacy extends Construct {
  constructor(scope: Construct, platform: Platform, notifications: Notifications) {
    super(scope, 'Privacy');
    const persons = declareFunction(this, 'Persons', platform, {
      entry: 'privacy/handlers/http-privacy.ts',
      description: 'Hands people all that is kept about them, and erases it',
      schema: privacyEnv,
      environment: {
        ...sessionVariables(platform),
        ...personalDataVariables(platform),
        ...CURSOR_VARIABLES,
        ...notifications.senderVariables,
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
      },
      timeoutSeconds: 25,
      // scrypt under a passphrase takes 128 MiB and a second of a whole processor, which 1,769 MiB are.
      memoryMiB: 1_769,
    });
    allowPersonalData(persons, platform, 'reads');
    allowTable(persons, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']);
    // The last mail to whoever is erased: no queue may carry their address.
    notifications.allowSending(persons);
    platform.http.serve(persons, privacyRoutes);
    this.#finishErasures(platform);
  }
  #finishErasures(platform: Platform): void {
    const { table, erasures: bucket, pictures } = platform;
    const finish = declareFunction(this, 'FinishErasures', platform, {
      entry: 'privacy/handlers/schedule-finish-erasures.ts',
      description: 'Takes away what is left of erased persons',
      schema: finishErasuresEnv,
      environment: {
        ...tableVariables(platform),
        ...personalDataVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        ERASURES_BUCKET: bucket.bucketName,
        DOCUMENTS_BUCKET: pictures.bucketName,
      },
      timeoutSeconds: 60,
      memoryMiB: 512,
    });
    allowPersonalData(finish, platform, 'reads');
    allowTable(finish, table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem']);
    finish.allow(['s3:PutObject'], [bucket.arnForObjects(REGISTER)]);
    // Printed tickets of who is erased.
    finish.allow(['s3:ListBucket'], [pictures.bucketArn]);
    finish.allow(['s3:DeleteObject'], [pictures.arnForObjects('documents/*')]);
    bucket.encryptionKey?.grant(finish.lambda, 'kms:GenerateDataKey');
    acknowledge(finish, {
      'AwsSolutions-IAM5[Resource::OnsaleData:ExportsOutputFnGetAttPictures8CDD258BArn7B03F255/documents/*]':
        'each printed ticket has a name of its own, below one prefix',
      [`AwsSolutions-IAM5[Resource::${REGISTER_OBJECTS}]`]: 'each person has an object of their own, below one prefix',
    });
    platform.jobs.every(FINISH_EVERY_MINUTES, finish);
    new CfnOutput(this, 'OutputErasures', { value: finish.lambda.functionName }).overrideLogicalId(
      OUTPUTS.erasuresFunction,
    );
  }
}
