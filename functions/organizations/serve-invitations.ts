import { ok, type Result } from '../shared/kernel/result.ts';
import { inJson } from '../shared/runtime/answer.ts';
import { serve, serveTo, type Answer, type Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { acceptInvitation, showOffer } from './app/accept-invitation.ts';
import { readPosts } from './app/change-members.ts';
import { endInvitation } from './app/end-invitations.ts';
import { inviteMember, type Invitations } from './app/invite.ts';
import { listInvitations } from './app/list-invitations.ts';
import { viewOrganization } from './app/show-organizations.ts';
import * as api from './invitations-contract.ts';
import { ownedInvitations, ownedOrganizations } from './owned.ts';

/** Routes about invitations to an organisation's team. */
export function serveInvitations(invitations: Invitations): readonly Served[] {
  const { table, book, limiter } = invitations;
  const organizations = ownedOrganizations(table);
  return [
    serveOwned(api.createInvitation, organizations, async ({ session, body, occasion }, { organizationId }) => {
      const posts = await readPosts(table, organizationId, body.posts);
      if (!posts.ok) return posts;
      const { email, locale } = body;
      const wish = { organizationId, email, locale, posts: posts.value, invitedBy: session.userId };
      const invited = await inviteMember(invitations, wish, occasion);
      return invited.ok ? ok({ status: 201, body: invited.value }) : invited;
    }),
    serveOwned(api.listInvitations, organizations, async ({ now }, organization) => {
      const items = await listInvitations(table, book.personalData, organization, now);
      return inJson(ok({ items, nextCursor: null }));
    }),
    serveOwned(
      api.revokeInvitation,
      ownedInvitations(table),
      async ({ occasion }, { invitationId }): Promise<Result<Answer, never>> => {
        await endInvitation(table, invitationId, 'REVOKED', occasion);
        return ok({ status: 204 });
      },
    ),
    serve(api.showInvitation, async ({ body, client, now }) => {
      const counted = await limiter.count('tokensPerAddress', client.limitKey, now);
      return counted.ok ? inJson(await showOffer(invitations, body.token, now)) : counted;
    }),
    serveTo(api.acceptInvitation, async ({ body: { token }, session: { userId }, occasion }) => {
      const accepted = await acceptInvitation(invitations, { token, userId }, occasion);
      return accepted.ok ? inJson(ok(viewOrganization(accepted.value, userId))) : accepted;
    }),
  ];
}
