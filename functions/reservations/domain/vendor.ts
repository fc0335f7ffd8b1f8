import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { Session } from '../../shared/runtime/session.ts';

/**
 * The ticket types that `session` may buy: a vendor sells for its own organisation only, all others do not exist
 * for it. Otherwise a key of one's own would be a way around another organizer's limits.
 */
export function buyable(
  types: ReadonlyMap<string, TicketTypeCopy>,
  { key }: Session,
): ReadonlyMap<string, TicketTypeCopy> {
  if (key === undefined) return types;
  return new Map([...types].filter(([, { organizationId }]) => organizationId === key.organizationId));
}
