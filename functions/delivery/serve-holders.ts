import { derivedId } from '../shared/kernel/ids.ts';
import type { Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Table } from '../shared/table/client.ts';
import { answerView } from './answers.ts';
import { reissueTicket } from './app/reissue-ticket.ts';
import type { TicketSeeds } from './codes.ts';
import * as api from './holder-contract.ts';
import { ownedTickets } from './owned.ts';

/** What serving holders needs. */
export interface HolderDeps {
  readonly table: Table;
  readonly seeds: () => Promise<TicketSeeds>;
}

/** Routes by which holders do something with their tickets. */
export function serveHolders({ table, seeds }: HolderDeps): readonly Served[] {
  return [
    serveOwned(api.reissueTicket, ownedTickets(table), async ({ session, headers, occasion }, ticket) => {
      const key = headers['idempotency-key'];
      const request = key === undefined ? undefined : derivedId('reissue', session.userId, key);
      const done = await reissueTicket(table, ticket, request, occasion);
      return done.ok ? answerView(done.value, await seeds()) : done;
    }),
  ];
}
