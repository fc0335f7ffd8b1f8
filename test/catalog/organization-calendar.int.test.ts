import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { showOrganizationCalendar } from '../../functions/catalog/app/show-feeds.ts';
import { planEvent } from '../../functions/catalog/domain/draft.ts';
import { listForOrganization, putEvent } from '../../functions/catalog/writes.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { startCatalog, type CatalogWorld } from './catalog-world.ts';
import { draftBody } from './drafts.ts';

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

it('holds a public event that more drafts than a page holds were made after', async () => {
  const event = await world.published({ title: 'Older than all drafts' });
  const now = Date.now() + 1_000;
  const occasion = { now, correlationId: 'test', by: 'system' };
  const drafts = Array.from({ length: 301 }, () => {
    const ids = { eventId: ulid(), organizationId: world.organizationId, createdBy: ulid(), requestHash: '', now };
    const planned = planEvent(draftBody(), ids);
    if (!planned.ok) throw new Error(planned.error.code);
    return planned.value;
  });
  for (let start = 0; start < drafts.length; start += 40)
    await commit(
      world.db.table,
      drafts
        .slice(start, start + 40)
        .flatMap((draft) => [putEvent(draft, occasion, mustHold('a new id')), listForOrganization(draft)]),
    );
  const calendar = await showOrganizationCalendar(world.db.table, world.organizationId, 'https://onsale.test');
  expect(calendar).toMatchObject({ ok: true });
  expect(calendar.ok && calendar.value).toContain(event.id);
  expect(calendar.ok && calendar.value.match(/BEGIN:VEVENT/g)).toHaveLength(1);
});
