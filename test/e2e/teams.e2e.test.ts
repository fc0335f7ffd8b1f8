import { ulid } from 'ulid';
import { inject } from 'vitest';
import { expect, it } from 'vitest';

import { call, settled, type Person } from '../support/shop.ts';
import { getJson } from '../support/json.ts';

const PASSWORD = 'Teams-of-2026!';

/** A mail in the local inbox. */
interface Mail {
  readonly subject: string;
  readonly destination: { readonly to: readonly string[] };
  readonly body: { readonly text: string };
}

async function mailsTo(address: string): Promise<readonly Mail[]> {
  await settled();
  const { emails } = await getJson<{ readonly emails: readonly Mail[] }>(`${inject('system').inboxUrl}/store`);
  return emails.filter(({ destination }) => destination.to.some((to) => to.includes(address)));
}

/** The token of the link in the only mail to `address` that has one to `page`. */
async function tokenFor(address: string, page: string): Promise<string> {
  const tokens = (await mailsTo(address)).flatMap(
    ({ body }) => new RegExp(`/${page}#token=([\\w-]+)`).exec(body.text)?.[1] ?? [],
  );
  expect(tokens).toHaveLength(1);
  return tokens[0] ?? '';
}

/** Registers as anybody would, follows the link in the mail, and logs in. */
async function registered(email: string, firstName: string): Promise<Person> {
  const body = { email, password: PASSWORD, firstName, lastName: 'Quay', dateOfBirth: '1990-05-17', locale: 'en' };
  expect((await call('POST', '/api/auth/register', body)).status).toBe(201);
  const token = await tokenFor(email, 'verify-email');
  expect((await call('POST', '/api/auth/verify-email', { token })).status).toBe(200);
  return loggedIn(email);
}

async function loggedIn(email: string): Promise<Person> {
  const login = await call('POST', '/api/auth/login', { email, password: PASSWORD });
  if (login.status !== 200) throw new Error(login.text);
  const authorization = `Bearer ${login.json.accessToken}`;
  return {
    userId: login.json.user.id,
    call: (method, path, body, headers) => call(method, path, body, { authorization, ...headers }),
  };
}

it('a colleague who has no account yet is invited by mail, registers, accepts, works, and is told what changes', async () => {
  const suffix = ulid().toLowerCase();
  const [hers, his] = [`olga-${suffix}@teams.example`, `stefan-${suffix}@teams.example`];
  const olga = await registered(hers, 'Olga');
  const founded = await olga.call('POST', '/api/organizations', { name: 'Teams by the Quay' });
  const organizationId: string = founded.json.id;
  const invitations = `/api/organizations/${organizationId}/invitations`;
  const posts = [{ post: 'gate' }];
  const invited = await olga.call('POST', invitations, { email: his, posts });
  expect(invited).toMatchObject({ status: 201, json: { email: his } });

  // The page of the link: its own style and script and nothing else, and the token is not in its address.
  const token = await tokenFor(his, 'invitation');
  const page = await call('GET', '/invitation');
  expect(page).toMatchObject({ status: 200 });
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect((await call('POST', '/api/invitations/show', { token })).json).toMatchObject({
    organization: { name: 'Teams by the Quay' },
    posts,
  });

  const stefan = await registered(his, 'Stefan');
  const accepted = await stefan.call('POST', '/api/invitations/accept', { token });
  expect(accepted).toMatchObject({ status: 200, json: { id: organizationId, posts } });
  // In the session that he has.
  expect((await stefan.call('GET', '/api/organizations')).json.items).toMatchObject([{ id: organizationId }]);
  expect((await olga.call('GET', invitations)).json.items).toEqual([]);
  expect((await olga.call('POST', '/api/invitations/accept', { token })).status).toBe(410);

  const members = `/api/organizations/${organizationId}/members/${stefan.userId}`;
  expect((await olga.call('PUT', members, { posts: [{ post: 'organizer' }] })).status).toBe(200);
  const made = await olga.call('POST', '/api/api-keys', { organizationId, name: 'Till', scopes: ['orders:read'] });
  expect((await olga.call('DELETE', `/api/api-keys/${made.json.id}`)).status).toBe(204);
  expect((await mailsTo(his)).map(({ subject }) => subject).toSorted((left, right) => (left < right ? -1 : 1))).toEqual(
    [
      'API key of Teams by the Quay revoked',
      'Confirm your e-mail address',
      'Invitation to work with Teams by the Quay',
      'New API key for Teams by the Quay',
      'Your Onsale account is ready',
      'Your posts in organisations have changed',
      'Your posts in organisations have changed',
    ],
  );
  const toHer = (await mailsTo(hers)).filter(({ subject }) => subject.includes('API key'));
  expect(toHer.map(({ body }) => body.text).join('\n')).not.toContain(made.json.key);
  expect(toHer).toHaveLength(2);
});
