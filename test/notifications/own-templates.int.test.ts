import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sendTicketMail } from '../../functions/notifications/app/send-ticket-mail.ts';
import { activateTemplate, saveTemplate, showTemplate } from '../../functions/notifications/app/own-templates.ts';
import { findTemplateList, ownTemplateOf } from '../../functions/notifications/templates.ts';
import { MOST_VERSIONS } from '../../functions/notifications/templates-contract.ts';
import { putOrganization } from '../../functions/organizations/writes.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { exists, mustHold } from '../../functions/shared/table/writes.ts';
import { PAID_AT, PostOffice } from './post-office.ts';

let office: PostOffice;
const occasion = { now: PAID_AT, correlationId: 'test', by: ulid() };

beforeAll(async () => {
  office = await PostOffice.open();
  const { organizationId } = office.type;
  const details = { organizationId, name: 'Harbour <Lights>', members: [], createdAt: PAID_AT };
  await commit(office.db.table, [putOrganization(details, occasion, mustHold('new'))]);
});
afterAll(() => office.db.drop());
beforeEach(() => office.reset());

const change = (organizationId: string, ifMatch: number | 'any' | 'none' | undefined) =>
  ({ organizationId, name: 'order-confirmation', ifMatch }) as const;
const texts = (intro: string) => ({ en: { intro } });

describe('own words of an organisation', () => {
  it('are saved version by version, by who has read the last one', async () => {
    const { table } = office.db;
    const organizationId = ulid();
    const unread = await saveTemplate(table, change(organizationId, undefined), { texts: texts('a') }, occasion);
    expect(unread).toMatchObject({ ok: false, error: { code: 'PRECONDITION_REQUIRED' } });
    const first = await saveTemplate(table, change(organizationId, 0), { texts: texts('One') }, occasion);
    expect(first).toMatchObject({ ok: true, value: { ver: 1 } });
    const late = await saveTemplate(table, change(organizationId, 0), { texts: texts('Two') }, occasion);
    expect(late).toMatchObject({ ok: false, error: { code: 'PRECONDITION_FAILED', extra: { etag: '"v1"' } } });
    await saveTemplate(table, change(organizationId, 1), { texts: texts('Two'), activate: false }, occasion);
    expect(await showTemplate(table, organizationId, 'order-confirmation', undefined)).toMatchObject({
      value: { view: { latestVersion: 2, activeVersion: 1, version: 2, texts: texts('Two') } },
    });
    expect(await showTemplate(table, organizationId, 'order-confirmation', 3)).toMatchObject({
      error: { code: 'TEMPLATE_VERSION_UNKNOWN' },
    });
  });

  it('of many who save at once from the same reading one is taken, and each of those who do not mind has a version', async () => {
    const { table } = office.db;
    const organizationId = ulid();
    const pinned = await Promise.all(
      Array.from({ length: 6 }, (_each, index) =>
        saveTemplate(table, change(organizationId, 0), { texts: texts(`Words ${index}`) }, occasion),
      ),
    );
    expect(pinned.filter(({ ok }) => ok)).toHaveLength(1);
    await Promise.all(
      ['a', 'b', 'c'].map((each) =>
        saveTemplate(table, change(organizationId, 'any'), { texts: texts(each) }, occasion),
      ),
    );
    expect((await findTemplateList(table, organizationId))?.templates['order-confirmation']?.latest).toBe(4);
  });

  it('go back to an earlier version, and to ours', async () => {
    const { table } = office.db;
    const organizationId = ulid();
    await saveTemplate(table, change(organizationId, 'any'), { texts: texts('One') }, occasion);
    await saveTemplate(table, change(organizationId, 'any'), { texts: texts('Two') }, occasion);
    for (const version of [1, 2, 0]) {
      await activateTemplate(table, change(organizationId, 'any'), version, occasion);
      expect((await findTemplateList(table, organizationId))?.templates['order-confirmation']?.active).toBe(version);
    }
    expect(await activateTemplate(table, change(organizationId, 'any'), 3, occasion)).toMatchObject({
      error: { code: 'TEMPLATE_VERSION_UNKNOWN' },
    });
  });

  it('are refused with where, and beyond as many versions as there can be', async () => {
    const { table } = office.db;
    const organizationId = ulid();
    expect(
      await saveTemplate(table, change(organizationId, 'any'), { texts: texts('Hello {{nobody}}') }, occasion),
    ).toMatchObject({ error: { code: 'TEMPLATE_INVALID', errors: [{ path: 'texts.en.intro' }] } });
    for (let version = 0; version < MOST_VERSIONS; version += 1)
      await saveTemplate(table, change(organizationId, 'any'), { texts: texts('Again') }, occasion);
    expect(await saveTemplate(table, change(organizationId, 'any'), { texts: texts('Again') }, occasion)).toMatchObject(
      { error: { code: 'TOO_MANY_VERSIONS' } },
    );
  });
});

describe('a mail about an event of an organisation', () => {
  it('bears its own words in the language of its reader, and the record says which', async () => {
    const { organizationId } = office.type;
    const words = {
      subject: 'See you, {{firstName}}: {{eventTitle}}',
      intro: 'Order {{orderNumber}}: https://example.com/way',
    };
    await saveTemplate(office.db.table, change(organizationId, 'any'), { texts: { en: words } }, occasion);
    const event = await office.issued(1);
    await sendTicketMail(office.deps(), event);
    const mail = await office.onlyMail();
    expect(mail.subject).toBe('See you, Ada: Harbour Lights');
    expect(mail.html).toContain('Harbour &lt;Lights&gt; writes:');
    expect(mail.text).toContain(`> Order ${event.data.number}: https://example.com/way`);
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'SENT',
      template: 'order-confirmation',
      templateVersion: 1,
    });

    office.reset();
    const german = await office.issued(1);
    const recipientOf = () =>
      Promise.resolve({ email: 'a@example.com', firstName: 'Ada', lastName: 'L', locale: 'de' });
    await sendTicketMail(office.deps({ recipientOf }), german);
    expect((await office.onlyMail()).subject).toContain('Ihre Tickets');
    expect(await office.notification(german.data.orderId)).not.toHaveProperty('templateVersion');
  });

  it('goes out in ours where its own words cannot be used', async () => {
    const { organizationId } = office.type;
    const { table } = office.db;
    await saveTemplate(table, change(organizationId, 'any'), { texts: texts('Fine') }, occasion);
    const version = (await findTemplateList(table, organizationId))?.templates['order-confirmation']?.active ?? 0;
    const key = {
      pk: `MAILTEMPLATES#${organizationId}`,
      sk: `VERSION#order-confirmation#${String(version).padStart(4, '0')}`,
    };
    for (const broken of [{ en: { intro: '{{gone}}' } }, { en: { intro: 5 } }, 'nothing']) {
      office.reset();
      await commit(table, [
        {
          kind: 'update',
          key,
          set: { texts: broken },
          when: exists('pk'),
          otherwise: mustHold('there'),
        },
      ]);
      expect(await ownTemplateOf(table, organizationId, 'order-confirmation')).toBeUndefined();
      const event = await office.issued(1);
      await sendTicketMail(office.deps(), event);
      expect((await office.onlyMail()).subject).toContain('Your tickets');
    }
  });
});
