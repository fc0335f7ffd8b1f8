import { ok, type Result } from '../shared/kernel/result.ts';
import { serve, type Answer, type Served } from '../shared/runtime/http.ts';
import { inJson } from '../shared/runtime/answer.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { makeApplePass, makeGoogleLink, passAtAddress, walletsOfLink, type WalletDeps } from './app/pass-of-ticket.ts';
import { stillLive } from './app/read-tickets.ts';
import { ownedTickets } from './owned.ts';
import * as api from './wallet-contract.ts';

/** Routes by which tickets get into the wallets of phones. */
export function serveWallets(deps: WalletDeps): readonly Served[] {
  const tickets = ownedTickets(deps.table);
  return [
    serveOwned(api.getApplePass, tickets, async (_asked, ticket) => {
      const live = stillLive(ticket);
      if (!live.ok) return live;
      const made = await makeApplePass(deps, ticket);
      return made.ok ? answerPass(made.value, ticket.number) : made;
    }),
    serveOwned(api.getGooglePass, tickets, async ({ query: { language = 'en' }, now }, ticket) => {
      const live = stillLive(ticket);
      return live.ok ? inJson(await makeGoogleLink(deps, ticket, language, now)) : live;
    }),
    serve(api.showWallets, async ({ body: { token }, now }) => inJson(await walletsOfLink(deps, token, now))),
    serve(api.fetchApplePass, async ({ query, now }) => {
      const made = await passAtAddress(deps, query, now);
      return made.ok ? answerPass(made.value.bytes, made.value.number) : made;
    }),
  ];
}

function answerPass(bytes: Uint8Array, number: string): Result<Answer, never> {
  return ok({ status: 200, file: { bytes, mediaType: api.APPLE_PASS, name: `ticket-${number}.pkpass` } });
}
