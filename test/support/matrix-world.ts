import { ulid } from 'ulid';

import { createMember, createOrganizations, signedIn, useSystemSecrets, type Member } from './matrix-people.ts';
import { buyTicket, type MatrixWorld } from './matrix-rows.ts';
import { PERSON_NAMES, type PersonName } from './matrix-rule.ts';

/** Makes everybody of the matrix, and what the requests are about, in the running system. */
export async function createWorld(): Promise<MatrixWorld> {
  useSystemSecrets();
  const organizations = { own: ulid(), other: ulid() };
  const members = new Map<PersonName, Member>();
  for (const name of PERSON_NAMES)
    if (name !== 'nobody' && name !== 'guest') members.set(name, await createMember(name, organizations));
  const people = { organizations, members };
  await createOrganizations(people);
  const [owner, organizer] = [await signedIn(people, 'owner'), await signedIn(people, 'organizer')];
  const created = await organizer.call('POST', '/api/events', {
    organizationId: organizations.own,
    title: 'Matrix Concert',
    description: '',
    category: 'music',
    startsAt: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 500 }],
  });
  if (created.status !== 201) throw new Error(`Creating the event: ${created.text}`);
  const { eventId, event } = created.json;
  const published = await organizer.call('POST', `/api/events/${eventId}/publish`);
  if (published.status !== 200) throw new Error(`Publishing the event: ${published.text}`);
  const ticketTypeId = event.ticketTypes[0].id;
  const bought = await buyTicket({ owner, ticketTypeId });
  return { ...people, organizationId: organizations.own, owner, organizer, eventId, ticketTypeId, ...bought };
}

/** Texts that only the owner, and whoever may see the owner's things, may ever read. */
export function ownersDataIn({ members, owner, paid, ticket }: MatrixWorld): readonly string[] {
  return [
    owner.userId,
    members.get('owner')?.email ?? '',
    'Given-owner',
    'Family-owner',
    paid.orderNumber,
    paid.paymentIntentId,
    paid.paymentClientSecret,
    ticket.qr,
    ticket.ticketNumber,
  ];
}
