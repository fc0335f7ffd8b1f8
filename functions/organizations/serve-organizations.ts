import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import { serveTo, type Answer, type Served } from '../shared/runtime/http.ts';
import type { Assignment } from '../shared/runtime/membership.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { hasRole, type Session } from '../shared/runtime/session.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import type { personalDataIn } from '../users/recipients.ts';
import { changeMember, readPosts, type MemberChange } from './app/change-members.ts';
import { createOrganization } from './app/create-organization.ts';
import { renameOrganization } from './app/rename-organization.ts';
import { ownOrganizations, viewMembers, viewOrganization } from './app/show-organizations.ts';
import * as api from './contract.ts';
import { ownedMembers, ownedOrganizations } from './owned.ts';

/** Routes about organisations and who works for them. */
export function serveOrganizations(table: Table, personalData: ReturnType<typeof personalDataIn>): readonly Served[] {
  const organizations = ownedOrganizations(table);
  const members = ownedMembers(table);

  const change = async (
    status: number,
    of: { readonly organizationId: string; readonly userId: string; readonly session: Session },
    wishes: readonly api.AssignmentWish[],
    posts: (before: readonly Assignment[], wanted: readonly Assignment[]) => readonly Assignment[],
    occasion: Occasion,
  ): Promise<Result<Answer, Problem>> => {
    const wanted = await readPosts(table, of.organizationId, wishes);
    if (!wanted.ok) return wanted;
    const actor = actorOf(of.session);
    const asked = { ...of, actor, posts: (before: readonly Assignment[]) => posts(before, wanted.value) };
    const changed = await changeMember(table, asked, occasion);
    if (!changed.ok) return changed;
    if (changed.value === undefined) return ok({ status: 204 });
    const [body] = await viewMembers(table, personalData, [changed.value]);
    return ok({ status, body });
  };

  return [
    serveTo(api.createOrganization, async ({ body: { name }, session: { userId: founderId }, headers, occasion }) => {
      const idempotencyKey = headers['idempotency-key'];
      const founded = await createOrganization(table, { name, founderId, idempotencyKey }, occasion);
      if (!founded.ok) return founded;
      const body = viewOrganization(founded.value, founderId);
      return ok({ status: 201, body, headers: { location: `/api/organizations/${body.id}` } });
    }),
    serveTo(api.listOrganizations, async ({ session }) => inList(await ownOrganizations(table, session))),
    serveOwned(api.getOrganization, organizations, async ({ session }, organization) =>
      ok({ status: 200, body: viewOrganization(organization, session.userId) }),
    ),
    serveOwned(api.renameOrganization, organizations, async ({ session, body, occasion }, organization) => {
      const wish = { name: body.name, actor: actorOf(session) };
      const renamed = await renameOrganization(table, organization, wish, occasion);
      return renamed.ok ? ok({ status: 200, body: viewOrganization(renamed.value, session.userId) }) : renamed;
    }),
    serveOwned(api.listMembers, organizations, async (_asked, organization) =>
      inList(await viewMembers(table, personalData, organization.members)),
    ),
    serveOwned(api.addMember, organizations, ({ session, body, occasion }, { organizationId }) =>
      change(
        201,
        { organizationId, userId: body.userId, session },
        body.posts,
        (before, wanted) => [...before, ...wanted],
        occasion,
      ),
    ),
    serveOwned(api.setMember, members, ({ session, body, occasion }, { organization, member }) =>
      change(
        200,
        { organizationId: organization.organizationId, userId: member.userId, session },
        body.posts,
        (_before, wanted) => wanted,
        occasion,
      ),
    ),
    serveOwned(api.removeMember, members, ({ session, occasion }, { organization, member }) =>
      change(
        204,
        { organizationId: organization.organizationId, userId: member.userId, session },
        [],
        () => [],
        occasion,
      ),
    ),
  ];
}

function actorOf(session: Session): MemberChange['actor'] {
  return { userId: session.userId, isAdmin: hasRole(session, ['admin']) };
}

function inList(items: readonly unknown[]): Result<Answer, Problem> {
  return ok({ status: 200, body: { items, nextCursor: null } });
}
