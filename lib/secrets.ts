import type { StageName } from './stages.ts';

/** How the value of a secret comes about. */
export type SecretKind =
  /** 32 random bytes as 64 hex digits. */
  | 'random-32-bytes'
  /** `{"current":"<kid>","keys":{"<kid>":"<64 hex digits>"}}`: several keys live while one is rotated out. */
  | 'key-ring'
  /** Given by the operator, from Stripe's dashboard. */
  | 'stripe-secret-key'
  /** Answered by Stripe when the webhook endpoint is registered. */
  | 'stripe-webhook-secret';

/** One SSM SecureString parameter; it is made by setup, never by CloudFormation. */
export interface SecretSpec {
  /** Full parameter name, such as `/onsale/dev/session-keys`. */
  readonly name: string;
  readonly kind: SecretKind;
  /** One phrase for people: what it is used for. */
  readonly purpose: string;
}

/** The secrets of Onsale, by the name that the infrastructure knows them by. */
const SECRETS = {
  sessionKeys: { leaf: 'session-keys', kind: 'key-ring', purpose: 'signs and checks access tokens of sessions' },
  passwordPepper: { leaf: 'password-pepper', kind: 'random-32-bytes', purpose: 'keyed hash of passwords before bcrypt' },
  ticketKeys: { leaf: 'ticket-signing-seed', kind: 'random-32-bytes', purpose: 'seed of the Ed25519 key that signs the QR codes of tickets' },
  stripeKey: { leaf: 'stripe-secret-key', kind: 'stripe-secret-key', purpose: "calls to Stripe's API" },
  webhookSecret: { leaf: 'stripe-webhook-secret', kind: 'stripe-webhook-secret', purpose: "checks the signature of Stripe's webhook calls" },
} as const satisfies Record<string, { leaf: string; kind: SecretKind; purpose: string }>;

export type SecretId = keyof typeof SECRETS;

/** SSM name of a secret of a stage. */
export function secretName(stage: StageName, id: SecretId): string {
  return `/onsale/${stage}/${SECRETS[id].leaf}`;
}

/** Every secret of a stage, for setup and for the template's `Onsale::Secrets` metadata. */
export function secretsOf(stage: StageName): readonly SecretSpec[] {
  return secretIds().map((id) => ({ name: secretName(stage, id), kind: SECRETS[id].kind, purpose: SECRETS[id].purpose }));
}

function secretIds(): readonly SecretId[] {
  return Object.keys(SECRETS).filter((id): id is SecretId => id in SECRETS);
}
