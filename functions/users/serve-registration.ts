import { ok, type Result } from '../shared/kernel/result.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { serve, type Answer, type HttpRequest, type Served } from '../shared/runtime/http.ts';
import type { LimitName } from '../shared/runtime/limits.ts';
import type { Route } from '../shared/runtime/route.ts';
import { askForMail, type AskDeps } from './app/ask-for-mail.ts';
import type { AccountSecrets } from './app/create-account.ts';
import { register } from './app/register.ts';
import { verifyEmail, type LinkDeps } from './app/verify-email.ts';
import * as api from './registration-contract.ts';

/** What accounts are made and links taken with. */
export interface RegistrationDeps extends AskDeps, LinkDeps, AccountSecrets {}

/** Routes by which accounts are made, and links taken that were mailed. */
export function serveRegistration(deps: RegistrationDeps): readonly Served[] {
  /** Serves a route that anybody may call, counting by the address of the network before anything is looked at. */
  const limited = <R extends Route>(
    route: R,
    limit: LimitName,
    useCase: (request: HttpRequest<R>) => Promise<Result<Answer, Problem>>,
  ): Served =>
    serve(route, async (request) => {
      const counted = await deps.limiter.count(limit, request.client.limitKey, request.now);
      return counted.ok ? useCase(request) : counted;
    });
  return [
    limited(api.register, 'registrationsPerAddress', async ({ body, occasion }) => {
      const registered = await register(deps.table, deps, body, occasion);
      return registered.ok ? ok({ status: 201, body: { ...registered.value, status: 'UNVERIFIED' } }) : registered;
    }),
    limited(api.verifyEmail, 'tokensPerAddress', async ({ body: { token }, occasion }) => {
      const verified = await verifyEmail(deps, token, occasion);
      return verified.ok ? ok({ status: 200, body: { status: 'VERIFIED' } }) : verified;
    }),
    limited(api.resendVerification, 'mailsPerAddress', async ({ body: { email }, occasion }) => {
      const asked = await askForMail(deps, 'verification', email, occasion);
      return asked.ok ? ok({ status: 202, body: {} }) : asked;
    }),
  ];
}
