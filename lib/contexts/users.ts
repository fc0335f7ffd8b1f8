import { Construct } from 'constructs';

import { usersEnv, usersRoutes } from '../../functions/users/contract.ts';
import { sessionRoutes } from '../../functions/users/session-contract.ts';
import { registrationEnv, registrationRoutes } from '../../functions/users/registration-contract.ts';
import { profileEnv, profileRoutes } from '../../functions/users/profile-contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  limitsVariables,
  LINK_VARIABLES,
  personalDataVariables,
  sessionVariables,
  type Platform,
} from './platform.ts';

/** bcrypt at cost 12 is a second of work on a whole processor, which these are. */
const HASHING_MIB = 1_769;

/** Registration, log-in, sessions, and a person's own profile. */
export class Users extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Users');
    const users = declareFunction(this, 'Accounts', platform, {
      entry: 'users/handlers/http-users.ts',
      description: 'Log-in and accounts',
      schema: usersEnv,
      environment: {
        ...sessionVariables(platform),
        ...personalDataVariables(platform),
        ...limitsVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        PASSWORD_PEPPER_PARAMETER: { secret: 'passwordPepper' },
      },
      timeoutSeconds: 10,
      memoryMiB: HASHING_MIB,
    });
    allowPersonalData(users, platform, 'reads');
    allowTable(users, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    platform.http.serve(users, [...usersRoutes, ...sessionRoutes]);
    this.#registration(platform);
    this.#profiles(platform);
  }

  #registration(platform: Platform): void {
    const registration = declareFunction(this, 'Registration', platform, {
      entry: 'users/handlers/http-registration.ts',
      description: 'Registration, and links that were mailed',
      schema: registrationEnv,
      environment: {
        ...sessionVariables(platform),
        ...personalDataVariables(platform),
        ...limitsVariables(platform),
        ...LINK_VARIABLES,
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
        PASSWORD_PEPPER_PARAMETER: { secret: 'passwordPepper' },
      },
      timeoutSeconds: 10,
      memoryMiB: HASHING_MIB,
    });
    allowPersonalData(registration, platform, 'reads and writes');
    allowTable(registration, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]);
    platform.http.serve(registration, registrationRoutes);
  }

  #profiles(platform: Platform): void {
    const profiles = declareFunction(this, 'Profiles', platform, {
      entry: 'users/handlers/http-profile.ts',
      description: "A person's own profile, and codes to their phone",
      schema: profileEnv,
      environment: {
        ...sessionVariables(platform),
        ...personalDataVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
      },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowPersonalData(profiles, platform, 'reads and writes');
    allowTable(profiles, platform.table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem']);
    profiles.allow(['sns:Publish'], ['*']);
    acknowledge(profiles, {
      'AwsSolutions-IAM5[Resource::*]': 'a phone number is no resource: SNS lets nobody name one in a policy',
    });
    platform.http.serve(profiles, profileRoutes);
  }
}
