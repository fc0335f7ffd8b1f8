import type { Caller, Session } from '../shared/runtime/session.ts';
import { organizes } from '../shared/runtime/session.ts';
import type { EventDetails } from './domain/event.ts';
import { isPublic } from './domain/lifecycle.ts';

/** Organisations that the person organises. */
export function organizationsOf(session: Session): readonly string[] {
  return session.memberships.filter(({ post }) => post === 'organizer').map(({ organizationId }) => organizationId);
}

/** Whether `session` may change the event: its organizers may, nobody else (invariant I18). */
export function mayManage(session: Session, event: EventDetails): boolean {
  return organizes(session, event.organizationId);
}

/** Whether `caller` runs the event. */
export function manages(caller: Caller, event: EventDetails): boolean {
  return caller.kind === 'person' && mayManage(caller.session, event);
}

/** Whether `caller` may see the event: a public one anyone, a draft who may change it. */
export function maySee(caller: Caller, event: EventDetails): boolean {
  return isPublic(event.status) || manages(caller, event);
}
