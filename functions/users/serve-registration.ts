import { problem, type Problem } from '../shared/kernel/problems.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { serve, serveTo, type Answer, type HttpRequest, type Served } from '../shared/runtime/http.ts';
import type { LimitName } from '../shared/runtime/limits.ts';
import type { Route } from '../shared/runtime/route.ts';
import { askForMail, type AskDeps } from './app/ask-for-mail.ts';
import { confirmEmailChange, requestEmailChange } from './app/change-email.ts';
import type { AccountSecrets } from './app/create-account.ts';
import { changePassword, resetPassword, type PasswordDeps } from './app/new-password.ts';
import { register } from './app/register.ts';
import { unlock } from './app/unlock.ts';
import { isOneClick, stopNews } from './app/stop-news.ts';
import { verifyEmail } from './app/verify-email.ts';
import * as api from './registration-contract.ts';

/** What accounts are made and links taken with. */
export interface RegistrationDeps extends AskDeps, PasswordDeps, AccountSecrets {}

type Done = Result<unknown, Problem>;

/** The answer to what has nothing to say but that it is done. */
const answered = (done: Done, status: number, body: unknown = {}): Result<Answer, Problem> =>
  done.ok ? ok({ status, body }) : done;

/** Routes by which accounts are made and changed, and links taken that were mailed. */
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
    limited(api.verifyEmail, 'tokensPerAddress', async ({ body, occasion }) =>
      answered(await verifyEmail(deps, body, occasion), 200, { status: 'VERIFIED' }),
    ),
    limited(api.resendVerification, 'mailsPerAddress', async ({ body: { email }, occasion }) =>
      answered(await askForMail(deps, 'verification', email, occasion), 202),
    ),
    limited(api.forgotPassword, 'mailsPerAddress', async ({ body: { email }, occasion }) =>
      answered(await askForMail(deps, 'password reset', email, occasion), 202),
    ),
    limited(api.resetPassword, 'tokensPerAddress', async ({ body: { token, newPassword }, occasion }) =>
      answered(await resetPassword(deps, token, newPassword, occasion), 200),
    ),
    limited(api.unlock, 'tokensPerAddress', async ({ body: { token }, occasion }) =>
      answered(await unlock(deps, token, occasion), 200),
    ),
    limited(api.confirmEmail, 'tokensPerAddress', async ({ body, occasion }) =>
      answered(await confirmEmailChange(deps, body, occasion), 200),
    ),
    // Not counted by network address: a mail provider posts for all its readers from a few.
    serve(api.unsubscribe, async ({ query: { token }, rawBody, headers, occasion }) => {
      if (!(await isOneClick(rawBody, headers['content-type'] ?? '')))
        return err(problem('INVALID_INPUT', 'Send List-Unsubscribe=One-Click as a form (RFC 8058).'));
      const stopped = await stopNews(deps, token, occasion);
      return stopped.ok ? ok({ status: 200, body: { stopped: stopped.value } }) : stopped;
    }),
    serveTo(api.changePassword, async ({ session, body, occasion }) =>
      answered(await changePassword(deps, { session, ...body, occasion }), 200),
    ),
    serveTo(api.changeEmail, async ({ session, body, occasion }) =>
      answered(await requestEmailChange(deps, session, body, occasion), 202),
    ),
  ];
}
