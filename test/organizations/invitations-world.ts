import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { simpleParser, type ParsedMail } from 'mailparser';

import { changeMember } from '../../functions/organizations/app/change-members.ts';
import { createOrganization } from '../../functions/organizations/app/create-organization.ts';
import type { Invitations } from '../../functions/organizations/app/invite.ts';
import { invitationKey } from '../../functions/organizations/keys.ts';
import { sendInvitationMail, type InvitationMailDeps } from '../../functions/notifications/app/send-invitation-mail.ts';
import { sesMailer } from '../../functions/notifications/ses.ts';
import { relayOf } from '../../functions/outbox/domain/relay.ts';
import { memberInvited } from '../../functions/organizations/invitations-contract.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { limiterOn } from '../../functions/shared/runtime/limits.ts';
import type { Assignment } from '../../functions/shared/runtime/membership.ts';
import { consumerOf } from '../../functions/shared/runtime/queue.ts';
import { readKey } from '../../functions/shared/runtime/secrets.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { findRecipient, personalDataIn } from '../../functions/users/recipients.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { interrupted } from '../support/interrupted.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { STAGES } from '../../lib/stages.ts';

export const INVITE = 'POST /api/organizations/{organizationId}/invitations';
export const LIST = 'GET /api/organizations/{organizationId}/invitations';
export const REVOKE = 'DELETE /api/organizations/{organizationId}/invitations/{invitationId}';
export const SHOW = 'POST /api/invitations/show';
export const ACCEPT = 'POST /api/invitations/accept';

/** Somebody with an account that has an address, signed in. */
export type Somebody = TestPerson & { readonly email: string };

/** The function of organisations on a table of its own, with a mailbox in SES's place. */
export class InvitationsWorld {
  readonly db: TestTable;
  readonly invitations: Invitations;
  readonly #parameters: TestParameters;
  readonly #handler: HttpHandler;
  readonly #ses: AwsClientStub<SESClient> = mockClient(SESClient);
  readonly #mail: InvitationMailDeps;
  #people = 0;

  private constructor(db: TestTable, parameters: TestParameters, handler: HttpHandler) {
    this.db = db;
    this.#parameters = parameters;
    this.#handler = handler;
    this.#ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
    this.invitations = this.#on(db.table);
    const sender = 'tickets@onsale.example';
    this.#mail = {
      table: db.table,
      personalData: this.invitations.book.personalData,
      recipientOf: (userId) => findRecipient(db.table, this.invitations.book.personalData, userId),
      linkKey: () => readKey(USERS_ENV.LINK_KEY_PARAMETER),
      publicUrl: 'https://tickets.example.com',
      clock: Date.now,
      sender,
      brand: STAGES.local.brand,
      addressHash: (address) => Promise.resolve(Buffer.from(address).toString('base64url')),
      mailer: sesMailer(new SESClient({ region: 'eu-central-1' }), sender, '', () => Promise.resolve()),
    };
  }

  static async open(): Promise<InvitationsWorld> {
    const db = await startTestTable();
    const parameters = await serveParameters(usersParameters());
    useTestEnvironment(db, USERS_ENV);
    const { handler } = await import('../../functions/organizations/handlers/http-organizations.ts');
    return new InvitationsWorld(db, parameters, handler);
  }

  async close(): Promise<void> {
    this.#ses.restore();
    await this.#parameters.close();
    await this.db.drop();
  }

  /** A new person; `as` says what is otherwise. */
  async somebody(as: Parameters<typeof givenAccount>[1] = {}): Promise<Somebody> {
    const email = as.email ?? `invited-${(this.#people += 1)}@example.com`;
    const userId = await givenAccount(this.db.table, { ...as, email });
    const { roles = ['customer'] } = as;
    return { ...(await signIn(this.db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId, roles: [...roles] })), email };
  }

  ask(
    person: TestPerson | undefined,
    route: string,
    params: Readonly<Record<string, string>> = {},
    body?: unknown,
  ): Promise<TestAnswer> {
    const token = person === undefined ? {} : { token: person.accessToken };
    return call(this.#handler, { route, params, ...token, ...(body === undefined ? {} : { body }) });
  }

  async founded(founder: TestPerson, name = 'Quay'): Promise<string> {
    const wish = { name, founderId: founder.userId, idempotencyKey: undefined };
    const made = await createOrganization(this.db.table, wish, occasion());
    if (!made.ok) throw new Error(made.error.detail);
    return made.value.organizationId;
  }

  /** Sets somebody's posts as an admin would; none takes them out. */
  async setPosts(organizationId: string, userId: string, posts: readonly Assignment[]): Promise<void> {
    const { userId: adminId } = await this.somebody();
    const actor = { userId: adminId, isAdmin: true };
    const wish = { organizationId, userId, posts: () => posts, actor };
    const changed = await changeMember(this.db.table, wish, occasion());
    if (!changed.ok) throw new Error(changed.error.detail);
  }

  /** Invites over HTTP and answers id and token of the mail's link. */
  async invited(
    by: TestPerson,
    organizationId: string,
    email: string,
    posts: unknown = [{ post: 'gate' }],
  ): Promise<{ readonly id: string; readonly token: string }> {
    const answer = await this.ask(by, INVITE, { organizationId }, { email, posts });
    if (answer.status !== 201) throw new Error(answer.text);
    const id = String(answer.json['id']);
    const mail = await this.mailOf(id);
    const token = /\/invitation#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    if (token === undefined) throw new Error('There is no link in the mail');
    return { id, token };
  }

  /** Delivers what the invitation's latest change is relayed as, and answers the mail if one went out. */
  async mailOf(invitationId: string): Promise<ParsedMail | undefined> {
    const item = await getItem(this.db.table, invitationKey(invitationId), 'strong');
    if (item === undefined) throw new Error('There is no such invitation');
    const message = relayOf({ before: undefined, after: marked(item) });
    if (message === undefined) return undefined;
    const before = this.#ses.commandCalls(SendRawEmailCommand).length;
    await consumerOf(memberInvited, (event) => sendInvitationMail(this.#mail, event)).consume(message.envelope);
    const [sent] = this.#ses.commandCalls(SendRawEmailCommand).slice(before);
    return sent === undefined ? undefined : simpleParser(Buffer.from(sent.args[0].input.RawMessage?.Data ?? []));
  }

  /** Where invitations are accepted by somebody slow; see `interrupted`. */
  interrupted(meanwhile: () => Promise<unknown>): Invitations {
    return this.#on(interrupted(this.db, meanwhile));
  }

  #on(table: Invitations['table']): Invitations {
    return {
      table,
      book: {
        personalData: personalDataIn(table, USERS_ENV),
        emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
      },
      linkKey: USERS_ENV.LINK_KEY_PARAMETER,
      limiter: limiterOn(table, USERS_ENV.LIMITS, USERS_ENV.EMAIL_INDEX_KEY_PARAMETER),
    };
  }
}
