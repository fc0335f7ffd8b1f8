import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { serve, type Answer, type Served } from '../shared/runtime/http.ts';
import { inJson } from '../shared/runtime/answer.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { makeApplePass, makeGoogleLink, passAtAddress, walletsOfLink, type WalletDeps } from './app/pass-of-ticket.ts';
import { changedPasses, heldPass, register, unregister } from './app/registered-passes.ts';
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
    serve(api.registerPass, async ({ params, body: { pushToken }, headers }) => {
      const held = await heldPass(deps, { ...params, authorization: headers['authorization'] });
      const done = held === undefined ? undefined : await register(deps, held, params.device, pushToken);
      return done === undefined ? err(notHeld()) : ok({ status: done === 'NEW' ? 201 : 200 });
    }),
    serve(api.unregisterPass, async ({ params, headers }) => {
      const held = await heldPass(deps, { ...params, authorization: headers['authorization'] });
      if (held === undefined) return err(notHeld());
      await unregister(deps, held, params.device);
      return ok({ status: 200 });
    }),
    serve(api.listChangedPasses, async ({ params: { device, passType }, query: { passesUpdatedSince }, now }) => {
      const since = passesUpdatedSince === undefined ? undefined : Number(passesUpdatedSince);
      const changed = await changedPasses(deps, { device, passType, since, now });
      return ok(changed === undefined ? { status: 204 } : { status: 200, body: changed });
    }),
    serve(api.getLatestPass, async ({ params, headers, query: { token, until }, now }) => {
      if (token !== undefined && until !== undefined) {
        const fetched = await passAtAddress(deps, { token, until }, now);
        return fetched.ok ? answerPass(fetched.value.bytes, fetched.value.number) : fetched;
      }
      const held = await heldPass(deps, { ...params, authorization: headers['authorization'] });
      if (held === undefined) return err(notHeld());
      const made = await makeApplePass(deps, held.ticket, held.ticketVersion);
      return made.ok ? answerPass(made.value, held.ticket.number) : err(notHeld());
    }),
  ];
}

function notHeld(): Problem {
  return problem('NOT_SIGNED_IN', 'Send the token of the pass as Authorization: ApplePass.');
}

function answerPass(bytes: Uint8Array, number: string): Result<Answer, never> {
  return ok({ status: 200, file: { bytes, mediaType: api.APPLE_PASS, name: `ticket-${number}.pkpass` } });
}
