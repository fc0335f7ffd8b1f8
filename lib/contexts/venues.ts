import { Construct } from 'constructs';

import { seatRoutes, seatsEnv, venueRoutes, venuesEnv } from '../../functions/venues/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, httpVariables, sessionVariables, tableVariables, type Platform } from './platform.ts';

/** Venues with their seating plans, for organizers; and the seats that everybody sees. */
export class Venues extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Venues');
    const venues = declareFunction(this, 'Venues', platform, {
      entry: 'venues/handlers/http-venues.ts',
      description: 'Venues and their seating plans',
      schema: venuesEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES },
      // A plan of 100,000 seats is read, checked and packed within this; the gateway waits 30 s at most.
      timeoutSeconds: 25,
      // One whole processor: nothing here waits for anything else.
      memoryMiB: 1_769,
    });
    allowTable(venues, platform.table, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem']);
    allowIndex(venues, platform.table);
    platform.http.serve(venues, venueRoutes);

    const seats = declareFunction(this, 'Seats', platform, {
      entry: 'venues/handlers/http-seats.ts',
      description: 'Seats of events with their status, and the drawings of seating plans',
      schema: seatsEnv,
      environment: { ...tableVariables(platform), ...httpVariables(platform) },
      timeoutSeconds: 10,
      memoryMiB: 1_769,
    });
    allowTable(seats, platform.table, ['GetItem', 'BatchGetItem', 'Query']);
    platform.http.serve(seats, seatRoutes);
  }
}
