import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { DAY, HOUR, toTimestamp, type Instant } from '../../functions/shared/kernel/clock.ts';

/** An event of the demo; `key` names it for ever, so that seeding again makes no second one. */
export interface DemoEvent {
  readonly key: string;
  readonly draft: EventDraft;
}

/** Events of the coming weeks, seen from `now`: two currencies, a free one, one with few seats, one not yet on sale. */
export function demoEvents(now: Instant): readonly DemoEvent[] {
  /** Whole hours in UTC, `days` ahead. */
  const at = (days: number, hourUtc: number): Instant => Math.floor(now / DAY) * DAY + days * DAY + hourUtc * HOUR;
  const times = (startsAt: Instant, hours: number): Pick<EventDraft, 'startsAt' | 'endsAt'> => ({
    startsAt: toTimestamp(startsAt),
    endsAt: toTimestamp(startsAt + hours * HOUR),
  });
  const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });
  const gbp = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'GBP' });

  return [
    {
      key: 'demo-harbour-at-night',
      draft: {
        title: 'Harbour at Night: Brass on the Quay',
        description:
          'Forty brass players on three barges, and the cranes for scenery.\nDoors open an hour before. Rain or shine.',
        category: 'concert',
        ...times(at(30, 18), 3),
        timeZone: 'Europe/Berlin',
        venue: { name: 'Quay 7', city: 'Hamburg' },
        ticketTypes: [
          { name: 'Standing', price: eur(4_500), quantity: 500 },
          { name: 'Seated', price: eur(7_500), quantity: 120, maxPerPerson: 6 },
          { name: 'Under 16', price: eur(1_500), quantity: 80, maxPerPerson: 4 },
        ],
      },
    },
    {
      key: 'demo-tall-ships-festival',
      draft: {
        title: 'Tall Ships Festival',
        description: 'Two days among the great sailing ships, with markets and music on both banks.',
        category: 'festival',
        ...times(at(75, 8), 34),
        timeZone: 'Europe/Berlin',
        venue: { name: 'Old Port', city: 'Bremerhaven' },
        ticketTypes: [
          {
            name: 'Early bird',
            price: eur(2_400),
            quantity: 2_000,
            saleEndsAt: toTimestamp(at(20, 22)),
            maxPerPerson: 6,
          },
          { name: 'Day ticket', price: eur(2_900), quantity: 12_000 },
          { name: 'On board', price: eur(14_900), quantity: 60, accessLevel: 'deck', maxPerPerson: 2 },
        ],
      },
    },
    {
      key: 'demo-thames-jazz-cruise',
      draft: {
        title: 'Thames Jazz Cruise',
        description:
          'From Westminster to Greenwich and back with the Tideway Quartet. Supper is included with a table.',
        category: 'concert',
        ...times(at(21, 18), 4),
        timeZone: 'Europe/London',
        venue: { name: 'Westminster Pier', city: 'London' },
        ticketTypes: [
          { name: 'Deck', price: gbp(3_800), quantity: 150 },
          { name: 'Table with supper', price: gbp(9_200), quantity: 40, maxPerPerson: 4 },
        ],
      },
    },
    {
      key: 'demo-open-lighthouse',
      draft: {
        title: 'Open Lighthouse Day',
        description: 'Climb the 183 steps and see the lamp. Free of charge, but the tower takes only so many.',
        category: 'family',
        ...times(at(14, 9), 7),
        timeZone: 'Europe/Berlin',
        venue: { name: 'Old Lighthouse', city: 'Bremerhaven' },
        ticketTypes: [{ name: 'Visit', price: eur(0), quantity: 300, maxPerPerson: 5 }],
      },
    },
    {
      key: 'demo-captains-table',
      draft: {
        title: "Dinner at the Captain's Table",
        description: 'Five courses in the officers’ mess of a retired icebreaker. The last four seats.',
        category: 'food',
        ...times(at(10, 17), 4),
        timeZone: 'Europe/Berlin',
        venue: { name: 'Icebreaker Nordlicht', city: 'Hamburg' },
        ticketTypes: [{ name: 'Seat', price: eur(12_000), quantity: 4, maxPerPerson: 2 }],
      },
    },
    {
      key: 'demo-winter-lights-gala',
      draft: {
        title: 'Winter Lights Gala',
        description: 'The year ends with light on the water. Tickets go on sale in a week.',
        category: 'gala',
        ...times(at(120, 17), 5),
        timeZone: 'Europe/Berlin',
        venue: { name: 'Fish Auction Hall', city: 'Hamburg' },
        ticketTypes: [
          { name: 'Hall', price: eur(6_500), quantity: 900, saleStartsAt: toTimestamp(at(7, 9)) },
          { name: 'Balcony', price: eur(9_500), quantity: 150, saleStartsAt: toTimestamp(at(7, 9)), maxPerPerson: 4 },
        ],
      },
    },
  ];
}
