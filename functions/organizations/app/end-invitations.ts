import type { Instant } from '../../shared/kernel/clock.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, pause, StoreBusyError } from '../../shared/table/commit.ts';
import type { Otherwise, Write } from '../../shared/table/writes.ts';
import { destroyDataKey } from '../../users/writes.ts';
import { isLive, withoutInvitation, type InvitationList, type Invited } from '../domain/invitation.ts';
import { findInvitation, findInvitationList } from '../reads.ts';
import { closeInvitation, dropInvited, putInvitationList, type Closing } from '../writes.ts';

const ROUNDS = 8;

/** The writes after which nothing leads from an invitation to its address: the key of it, its hash, the list's entry. */
export function forgetInvited<E>(
  organizationId: string,
  list: InvitationList,
  { invitationId, addressHash }: Invited,
  now: Instant,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  return [
    destroyDataKey(invitationId),
    dropInvited(addressHash, organizationId),
    putInvitationList(organizationId, withoutInvitation(list, invitationId, now), list.rev, otherwise),
  ];
}

/**
 * Ends an invitation without its being accepted. Twice is once, and one that is closed or has expired is left as it is,
 * but for what is left of its address.
 */
export async function endInvitation(
  table: Table,
  invitationId: string,
  state: Extract<Closing['state'], 'REVOKED' | 'WITHDRAWN'>,
  occasion: Occasion,
): Promise<void> {
  const moved = (): 'MOVED_ON' => 'MOVED_ON';
  for (let round = 1; round <= ROUNDS; round += 1) {
    const invitation = await findInvitation(table, invitationId);
    if (invitation === undefined) return;
    const { organizationId } = invitation;
    const list = await findInvitationList(table, organizationId);
    const invited = list?.open.find((each) => each.invitationId === invitationId);
    const writes = [
      ...(isLive(invitation, occasion.now) ? [closeInvitation(invitation, { state }, occasion, moved)] : []),
      ...(list === undefined || invited === undefined
        ? []
        : forgetInvited(organizationId, list, invited, occasion.now, moved)),
    ];
    if (writes.length === 0) return;
    const done = await commit(table, writes);
    if (done.ok) return;
    await pause(round);
  }
  throw new StoreBusyError('The invitation kept changing');
}
