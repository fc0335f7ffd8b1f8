import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { grantAdmin } from '../../functions/organizations/app/grant-admin.ts';
import { banUser } from '../../functions/organizations/app/set-roles.ts';
import { ADMINS_KEY } from '../../functions/organizations/keys.ts';
import { findAdmins } from '../../functions/organizations/reads.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { findAccount } from '../../functions/users/reads.ts';
import { secretName } from '../../lib/secrets.ts';
import { STAGES } from '../../lib/stages.ts';
import { explainGrant, findStage } from '../../scripts/admin/grant.ts';
import { startTestTable, TEST_REGION, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { givenPerson } from './people.ts';

let db: TestTable;
let parameters: TestParameters;
let control: Server;
let controlUrl: string;

beforeAll(async () => {
  db = await startTestTable();
  const values = usersParameters();
  parameters = await serveParameters(values);
  useTestEnvironment(db, USERS_ENV);
  // What the script asks of a local system: where its table is, and the key that addresses are hashed with.
  control = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://control');
    const environment = {
      TABLE_NAME: db.table.name,
      AWS_ENDPOINT_URL_DYNAMODB: db.endpoint,
      AWS_REGION: TEST_REGION,
      AWS_SESSION_TOKEN: 'operator',
    };
    const isKey = url.searchParams.get('name') === secretName('local', 'emailIndexKey');
    const Value = values[USERS_ENV.EMAIL_INDEX_KEY_PARAMETER];
    const isOperator = request.headers['x-aws-parameters-secrets-token'] === 'operator';
    response.statusCode = url.pathname === '/_local/system' || (isKey && isOperator) ? 200 : 400;
    response.end(
      JSON.stringify(
        url.pathname === '/_local/system'
          ? { url: 'http://127.0.0.1', inboxUrl: 'http://127.0.0.1', stripeUrl: 'http://127.0.0.1', environment }
          : { Parameter: { Value } },
      ),
    );
  });
  await new Promise<void>((resolve) => {
    control.listen(0, '127.0.0.1', resolve);
  });
  const address = control.address();
  controlUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(async () => {
  control.close();
  await parameters.close();
  await db.drop();
});

beforeEach(async () => {
  const otherwise = mustHold('a delete without a condition');
  await commit(db.table, [{ kind: 'delete', key: ADMINS_KEY, otherwise }]);
});

/** Runs the command as an operator would. */
function grant(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/admin-grant.ts', '--control', controlUrl, ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('npm run admin:grant', () => {
  it('makes a verified account the first admin, at once in its running session, and the audit knows by whom', async () => {
    const userId = await givenAccount(db.table, { email: 'First@Example.com' });
    const session = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId, roles: ['customer'] });
    const dry = await grant('--email', 'first@example.com', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('would become an admin');
    expect(await findAccount(db.table, userId)).toMatchObject({ ver: 1, roles: ['customer'] });
    expect(await findAdmins(db.table)).toBeUndefined();

    const done = await grant('--email', 'first@example.com');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain(`Account ${userId} is an admin now`);
    expect(await findAccount(db.table, userId)).toMatchObject({
      roles: ['customer', 'admin'],
      ev: 'users.UserRolesChanged.v1',
      by: 'operator:admin-grant',
    });
    expect(await findAdmins(db.table)).toMatchObject({ adminIds: [userId], by: 'operator:admin-grant' });
    expect((await loadSession(db.table, session, Date.now())).roles).toEqual(['customer', 'admin']);

    const again = await grant('--email', 'first@example.com');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('is an admin already');
    expect(await findAccount(db.table, userId)).toMatchObject({ ver: 2 });
  });

  it('refuses a second admin, unless it is told that there is no other way', async () => {
    const [one, two] = [
      await givenAccount(db.table, { email: 'one-admin@example.com' }),
      await givenAccount(db.table, { email: 'two-admin@example.com' }),
    ];
    await grant('--email', 'one-admin@example.com');
    const refused = await grant('--email', 'two-admin@example.com');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('--although-there-are-admins');
    expect(await findAccount(db.table, two)).toMatchObject({ ver: 1 });
    const insisted = await grant('--email', 'two-admin@example.com', '--although-there-are-admins');
    expect(insisted.code).toBe(0);
    expect((await findAdmins(db.table))?.adminIds).toEqual([one, two]);
  });

  it('names what is missing, without a stack trace, and changes nothing', async () => {
    await givenAccount(db.table, { email: 'unproven@example.com', status: 'UNVERIFIED' });
    const barred = await givenAccount(db.table, { email: 'barred@example.com' });
    await banUser(db.table, barred, occasion());
    for (const [args, says] of [
      [[], '--email'],
      [['--email', 'nobody@example.com'], 'No account has this address'],
      [['--email', 'unproven@example.com'], 'has not shown that the address is its own'],
      [['--email', 'barred@example.com'], 'barred'],
      [['--email', 'a@example.com', '--stage', 'nowhere'], 'There is no stage nowhere'],
      [['--email', 'a@example.com', '--stage', 'local'], 'npm start'],
      [['--email', 'a@example.com', '--force'], '--force'],
    ] as const) {
      const { code, stdout, stderr } = await grant(...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(says);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(await findAdmins(db.table)).toBeUndefined();
    // Eight processes, one after the other, on a machine that may be busy.
  }, 120_000);

  it('--help names every flag', async () => {
    const { code, stdout } = await grant('--help');
    expect(code).toBe(0);
    for (const flag of ['--email', '--stage', '--dry-run', '--although-there-are-admins', '--control'])
      expect(stdout).toContain(flag);
  });

  it('makes one of two who are made the first at once', async () => {
    for (let race = 0; race < 5; race += 1) {
      await commit(db.table, [{ kind: 'delete', key: ADMINS_KEY, otherwise: mustHold('no condition') }]);
      const people = [await givenPerson(db.table), await givenPerson(db.table)];
      const outcomes = await Promise.all(
        people.map(({ userId }) => grantAdmin(db.table, { userId, although: false, dryRun: false }, occasion())),
      );
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'THERE_ARE_ADMINS', count: 1 } });
      const [adminId, ...others] = (await findAdmins(db.table))?.adminIds ?? [];
      expect(others).toEqual([]);
      const roles = await Promise.all(people.map(({ userId }) => findAccount(db.table, userId)));
      expect(roles.filter((account) => account?.roles.includes('admin')).map((account) => account?.userId)).toEqual([
        adminId,
      ]);
    }
  });
});

describe('a deployed stage', () => {
  const cloudformation = mockClient(CloudFormationClient);
  const ssm = mockClient(SSMClient);
  const clients = { cloudformation: new CloudFormationClient({}), ssm: new SSMClient({}) };

  it('is found by its own key and the output of its stack', async () => {
    ssm.on(GetParameterCommand, { Name: '/onsale/dev/email-index-key', WithDecryption: true }).resolves({
      Parameter: { Value: 'ab'.repeat(32) },
    });
    cloudformation.on(DescribeStacksCommand, { StackName: 'OnsaleData' }).resolves({
      Stacks: [
        {
          StackName: 'OnsaleData',
          CreationTime: new Date(),
          StackStatus: 'UPDATE_COMPLETE',
          Outputs: [{ OutputKey: 'TableName', OutputValue: 'table-1' }],
        },
      ],
    });
    expect(await findStage(clients, STAGES.dev)).toEqual({ tableName: 'table-1', emailIndexKey: 'ab'.repeat(32) });
  });

  it('that lies in another account is named as such', async () => {
    const missing = Object.assign(new Error('no'), { name: 'ParameterNotFound' });
    ssm.on(GetParameterCommand, { Name: '/onsale/prod/email-index-key', WithDecryption: true }).rejects(missing);
    const error: unknown = await findStage(clients, STAGES.prod).catch((thrown: unknown) => thrown);
    expect(explainGrant(error)).toContain('There is no parameter /onsale/prod/email-index-key');
  });
});
