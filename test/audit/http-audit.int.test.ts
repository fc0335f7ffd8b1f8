import { SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { listAudit, type AuditStep } from '../../functions/audit/contract.ts';
import { markTouched } from '../../functions/audit/writes.ts';
import { organizationCreated, membersChanged } from '../../functions/organizations/contract.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import type { StreamChange } from '../../functions/shared/runtime/stream.ts';
import { advance, begin, marked, type Marked } from '../../functions/shared/table/aggregate.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import type { Item } from '../../functions/shared/table/keys.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { USERS_ENV, usersParameters } from '../users/accounts.ts';

const CURSOR_KEY = '/test/cursorKey';
/** Beginning of one of the ten minutes by which steps are found. */
const START = Math.floor(Date.UTC(2026, 5, 1, 12) / DAY) * DAY + 12 * HOUR;

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let admin: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ ...usersParameters(), [CURSOR_KEY]: randomKey() });
  useTestEnvironment(db, { ...USERS_ENV, CURSOR_KEY_PARAMETER: CURSOR_KEY });
  ({ handler } = await import('../../functions/audit/handlers/http-audit.ts'));
  admin = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { roles: ['customer', 'admin'] });
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

/** An organisation that was founded and changed at `times`, by `actors` in turn, as the stream hands its changes over. */
function history(times: readonly number[], actors: readonly string[] = ['system']): readonly StreamChange[] {
  const key = { pk: `ORG#${ulid()}`, sk: 'ORG' };
  const changes: StreamChange[] = [];
  let row: (Marked & Item) | undefined;
  for (const [index, now] of times.entries()) {
    const by = actors[index % actors.length] ?? 'system';
    const cause = { now, by, correlationId: `request-${index}` };
    const before: (Marked & Item) | undefined = row;
    if (before === undefined) {
      const { item } = begin(key, { name: 'Harbour' }, { ...cause, event: organizationCreated.name }, () => 'TAKEN');
      row = marked({ ...item, ...key });
    } else {
      ({ row } = advance(
        before,
        { name: `Harbour ${index}` },
        { ...cause, event: membersChanged.name },
        () => 'MOVED',
      ));
    }
    changes.push({ before, after: row });
  }
  return changes;
}

const relay = (changes: readonly StreamChange[]): Promise<void> =>
  relayChanges(
    { table: db.table, sqs: new SQSClient({}), queueUrls: { tickets: '', mail: '', payments: '' } },
    changes,
    changes.at(-1)?.after.at ?? START,
  );

const nameOf = ([change]: readonly StreamChange[]): string => (change?.after.pk ?? '').replace('ORG#', 'org/');

function ask(query: Readonly<Record<string, string>>, person: TestPerson = admin): Promise<TestAnswer> {
  return call(handler, { route: 'GET /api/audit', query, token: person.accessToken });
}

/** All pages of a list. */
async function listed(query: Readonly<Record<string, string>>): Promise<readonly AuditStep[]> {
  const items: AuditStep[] = [];
  let cursor: string | null = null;
  do {
    const answer: TestAnswer = await ask({ ...query, ...(cursor === null ? {} : { cursor }) });
    if (answer.status !== 200) throw new Error(answer.text);
    const page = listAudit.responses[200].parse(answer.json);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

const iso = (at: number): string => new Date(at).toISOString();
const versions = (steps: readonly AuditStep[]): readonly string[] =>
  steps.map(({ aggregate, version }) => `${aggregate} ${version}`);

describe('the audit', () => {
  it('tells the steps of one thing, newest first, with who, why and which members, and no values', async () => {
    const changes = history([START, START + 1, START + HOUR], ['01USER', 'schedule:sweep']);
    await relay(changes);
    const steps = await listed({ aggregate: nameOf(changes), limit: '2' });
    expect(steps.map(({ version, actor, event, changed }) => ({ version, actor, event, changed }))).toEqual([
      { version: 3, actor: '01USER', event: membersChanged.name, changed: ['name'] },
      { version: 2, actor: 'schedule:sweep', event: membersChanged.name, changed: ['name'] },
      { version: 1, actor: '01USER', event: organizationCreated.name, changed: ['name'] },
    ]);
    expect(steps[0]).toMatchObject({ at: iso(START + HOUR), correlationId: 'request-2', hash: changes[2]?.after.ch });
    expect(JSON.stringify(steps)).not.toContain('Harbour');
    expect(versions(await listed({ aggregate: nameOf(changes), actor: 'schedule:sweep' }))).toHaveLength(1);
    expect(versions(await listed({ aggregate: nameOf(changes), from: iso(START + 1) }))).toHaveLength(2);
    expect(await listed({ aggregate: `org/${ulid()}` })).toEqual([]);
  });

  it('finds each step of all things by its time exactly once, however batches and pages are cut', async () => {
    const base = START - 20 * DAY;
    const things = [0, 1, 2, 3, 4, 5, 6].map((number) =>
      history([0, 3, 9.99, 10, 25, 24 * 60 + number].map((minutes) => base + Math.round(minutes * MINUTE) + number)),
    );
    const inOrder = things.flat().toSorted((left, right) => left.after.at - right.after.at);
    for (let start = 0; start < inOrder.length; start += 5) await relay(inOrder.slice(start, start + 5));
    const all = inOrder.map(({ after }) => `${after.pk.replace('ORG#', 'org/')} ${after.ver}`).toSorted();

    const window = { from: iso(base), to: iso(base + 2 * DAY) };
    for (const limit of ['1', '3', '7', '100'])
      expect(versions(await listed({ ...window, limit })).toSorted()).toEqual(all);

    const half = await listed({ from: iso(base + 10 * MINUTE), to: iso(base + HOUR) });
    const meant = inOrder.filter(({ after }) => after.at >= base + 10 * MINUTE && after.at < base + HOUR);
    expect(half).toHaveLength(meant.length);
    expect(half.every(({ at }) => at >= iso(base + 10 * MINUTE) && at < iso(base + HOUR))).toBe(true);
    expect(half.map(({ at }) => at)).toEqual(
      half
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
  });

  it('of ten minutes in which much happened finds each step once as well, thing by thing', async () => {
    const base = START - 100 * DAY;
    const things = Array.from({ length: 130 }, (_each, number) => history([base + number, base + MINUTE + number]));
    for (let start = 0; start < things.length; start += 40) await relay(things.slice(start, start + 40).flat());
    const all = things.flat().map(({ after }) => `${after.pk.replace('ORG#', 'org/')} ${after.ver}`);
    const window = { from: iso(base), to: iso(base + HOUR) };
    for (const limit of ['37', '100'])
      expect(versions(await listed({ ...window, limit })).toSorted()).toEqual(all.toSorted());
  });

  it('finds what one actor did', async () => {
    const base = START - 40 * DAY;
    const actor = ulid();
    await relay([...history([base, base + 1], ['system', actor]), ...history([base + 2], [actor])]);
    const steps = await listed({ actor, from: iso(base), to: iso(base + HOUR), limit: '1' });
    expect(steps.map((step) => step.version)).toEqual([1, 2]);
  });

  it('a batch that is relayed again marks nothing anew', async () => {
    const base = START - 60 * DAY;
    const changes = [...history([base, base + HOUR]), ...history([base])];
    await relay(changes);
    await relay(changes);
    await relay(changes.slice(0, 1));
    expect(await listed({ from: iso(base), to: iso(base + 2 * HOUR) })).toHaveLength(3);
    expect(markTouched(changes)).toHaveLength(2);
  });

  it('goes on in a page of its own where a filter leaves nothing of much', async () => {
    const base = START - 80 * DAY;
    await putItems(
      db.table,
      Array.from({ length: 350 }, (_each, index) => history([base + index])).flatMap(markTouched),
    );
    const first = await ask({ from: iso(base), to: iso(base + HOUR) });
    expect(first.json).toMatchObject({ items: [], nextCursor: expect.any(String) });
    expect(await listed({ from: iso(base), to: iso(base + HOUR) })).toEqual([]);
  });

  it('is for admins, and its cursors for the list that they are of', async () => {
    const stranger = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { roles: ['customer', 'support'] });
    expect((await ask({}, stranger)).status).toBe(403);
    const changes = history([START, START + 1]);
    await relay(changes);
    const { json } = await ask({ aggregate: nameOf(changes), limit: '1' });
    expect(
      (await ask({ aggregate: nameOf(changes), actor: 'system', cursor: String(json['nextCursor']) })).status,
    ).toBe(400);
    expect((await ask({ aggregate: 'ORG#1' })).status).toBe(400);
  });
});
