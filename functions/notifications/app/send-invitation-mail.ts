import type * as z from 'zod/mini';

import type { memberInvited } from '../../organizations/invitations-contract.ts';
import {
  findLiveInvitation,
  openInvited,
  tokenOfInvitation,
  type LiveInvitation,
} from '../../organizations/invited.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { PersonalData } from '../../users/recipients.ts';
import { wordInvitationMail } from '../domain/invitation-mail.ts';
import type { MailContent } from '../mime.ts';
import type { RecipientOf } from '../ports.ts';
import { namedPosts } from './send-access-mail.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails with invitations need beyond sending. */
export interface InvitationMailDeps extends MailDeps {
  readonly personalData: PersonalData;
  readonly recipientOf: RecipientOf;
  /** The key that tokens of links are derived with. */
  readonly linkKey: () => Promise<Uint8Array>;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

type MemberInvited = Envelope<string, z.infer<(typeof memberInvited)['data']>>;

/**
 * Mails an invitation to the address that it is for. Neither event nor queue holds address or token: both are read or made
 * here, and a mail that comes too late for anybody to accept is not sent.
 */
export async function sendInvitationMail(deps: InvitationMailDeps, event: MemberInvited): Promise<void> {
  const { invitationId } = event.data;
  const now = deps.clock();
  const live = await findLiveInvitation(deps.table, invitationId, now);
  if (live === undefined) return;
  const { locale } = live.invitation;
  await sendOnce(
    deps,
    {
      about: { invitationId },
      event,
      recipient: async () => {
        const email = await openInvited(deps.personalData, live.invitation);
        return email === undefined ? undefined : { email, firstName: '', lastName: '', locale };
      },
      cause: `${event.name}#${event.version}`,
      resendable: false,
      write: () => writeInvitation(deps, live),
    },
    now,
  );
}

async function writeInvitation(
  deps: InvitationMailDeps,
  { invitation, organization, byAdmin }: LiveInvitation,
): Promise<MailContent> {
  const { organizationId, name } = organization;
  const posts = invitation.posts.map((held) => ({ ...held, organizationId }));
  const [named, sender, key] = await Promise.all([
    namedPosts(deps.table, posts),
    byAdmin ? undefined : deps.recipientOf(invitation.invitedBy),
    deps.linkKey(),
  ]);
  const words = wordInvitationMail(
    {
      locale: invitation.locale,
      organization: name,
      sender: sender === undefined ? '' : `${sender.firstName} ${sender.lastName}`,
      posts: named,
      expiresAt: invitation.expiresAt,
      url: `${deps.publicUrl}/invitation#token=${tokenOfInvitation(key, invitation)}`,
    },
    deps,
  );
  return { ...words, attachments: [] };
}
