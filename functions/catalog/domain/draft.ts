import type { Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { DescriptionDraft, EventDraft, TicketTypeDraft } from '../schemas.ts';
import { pastFaults } from './draft-rules.ts';
import type { EventDetails, TicketType } from './event.ts';

/** What an event gets from elsewhere than its draft. */
export interface DraftContext {
  readonly eventId: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly requestHash: string;
  readonly now: Instant;
}

/**
 * The event that a valid draft describes.
 *
 * @returns EVENT_IN_PAST, or INVALID_INPUT naming each sale that would be over before it began
 */
export function planEvent(draft: EventDraft, context: DraftContext): Result<EventDetails, Problem> {
  const { now, ...ids } = context;
  const startsAt = Date.parse(draft.startsAt);
  const past = pastFaults({ ...draft }, now).map(({ path, message }) => ({ path: path.join('.'), message }));
  if (startsAt <= now) return err(eventInPast(past));
  if (past.length > 0)
    return err(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors: past }));

  return ok({
    ...ids,
    ...describe(draft),
    startsAt,
    ...(draft.endsAt === undefined ? {} : { endsAt: Date.parse(draft.endsAt) }),
    timeZone: draft.timeZone,
    ticketTypes: draft.ticketTypes.map((type, index) =>
      planTicketType(type, derivedId('ticket-type', ids.eventId, String(index))),
    ),
    status: 'DRAFT',
    createdAt: now,
  });
}

/** What an event is, apart from when: the members that all dates of a series share. */
export type Description = Pick<
  EventDetails,
  | 'title'
  | 'description'
  | 'category'
  | 'tags'
  | 'performers'
  | 'ageLimit'
  | 'noSingleSeats'
  | 'venueId'
  | 'venue'
  | 'pools'
  | 'imageKey'
  | 'cancellationPolicy'
  | 'gates'
>;

/** The description that a draft gives; members that it leaves out are left out. */
export function describe(draft: DescriptionDraft): Description {
  const {
    title,
    description,
    category,
    tags,
    performers,
    ageLimit,
    venueId,
    pools,
    noSingleSeats,
    imageKey,
    cancellationPolicy,
    gates,
  } = draft;
  const venue = venueOf(draft);
  return present({
    title,
    description,
    category,
    tags: tags === undefined ? undefined : [...new Set(tags)],
    performers: performers === undefined ? undefined : [...new Set(performers)],
    ageLimit,
    noSingleSeats,
    venueId,
    venue: venue === undefined ? undefined : present(venue),
    pools,
    imageKey,
    cancellationPolicy: cancellationPolicy === undefined ? undefined : present(cancellationPolicy),
    gates,
  });
}

/** Where it says that the start is past. */
export const START_IS_PAST = { path: 'startsAt', message: 'The event must start in the future' } as const;

/** Why an event that has begun can be neither created nor published. @param errors that, and faults beside it */
export function eventInPast(errors: NonNullable<Problem['errors']> = [START_IS_PAST]): Problem<'EVENT_IN_PAST'> {
  return problem('EVENT_IN_PAST', 'Choose a start that is still to come.', { errors });
}

/**
 * The organisation that an event is created for.
 *
 * @param organized organisations that the caller organises
 * @param wanted the one that the request names, if any
 */
export function chooseOrganization(organized: readonly string[], wanted: string | undefined): Result<string, Problem> {
  const [only, ...others] = organized;
  if (wanted !== undefined) {
    return organized.includes(wanted)
      ? ok(wanted)
      : err(problem('ORGANIZATION_NOT_FOUND', 'You organise no such organisation.'));
  }
  if (only === undefined) return err(problem('ORGANIZATION_NOT_FOUND', 'You organise no organisation yet.'));
  if (others.length === 0) return ok(only);
  return err(
    problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
      errors: [
        { path: 'organizationId', message: 'You organise several organisations; name the one that this event is of' },
      ],
    }),
  );
}

/** The ticket type that a draft describes. */
export function planTicketType(
  { price, saleStartsAt, saleEndsAt, hidden, ...rest }: TicketTypeDraft,
  ticketTypeId: string,
): TicketType {
  return present({
    ...rest,
    ticketTypeId,
    unitPrice: price.amount,
    currency: price.currency,
    saleStartsAt: saleStartsAt === undefined ? undefined : Date.parse(saleStartsAt),
    saleEndsAt: saleEndsAt === undefined ? undefined : Date.parse(saleEndsAt),
    hidden: hidden === true ? true : undefined,
  });
}

function venueOf({ location, venue }: DescriptionDraft): DescriptionDraft['venue'] {
  if (venue !== undefined) return venue;
  return typeof location === 'string' ? { name: location } : location;
}

type Present<T> = { [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name] } & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};

/** `members` without those that are undefined, which a row cannot keep. */
export function present<T extends object>(members: T): Present<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- leaving undefined members out is what the type says
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
