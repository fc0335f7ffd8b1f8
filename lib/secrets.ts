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
  | 'stripe-webhook-secret'
  /** Given by the operator, or `none`: PEM of a private key, of its certificate and Apple's, JSON of an account of Google Wallet. */
  | 'apple-pass-key'
  | 'apple-pass-certificates'
  | 'google-wallet';

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
  passwordPepper: {
    leaf: 'password-pepper',
    kind: 'random-32-bytes',
    purpose: 'keyed hash of passwords before bcrypt',
  },
  personalDataKey: {
    leaf: 'personal-data-key',
    kind: 'random-32-bytes',
    purpose: 'encrypts names and addresses of people',
  },
  emailIndexKey: {
    leaf: 'email-index-key',
    kind: 'random-32-bytes',
    purpose: 'keyed hash that finds an account by its address',
  },
  linkKey: { leaf: 'link-key', kind: 'random-32-bytes', purpose: 'derives the tokens of links in mails' },
  originKeys: {
    leaf: 'origin-keys',
    kind: 'key-ring',
    purpose: 'proves that a request came through the distribution',
  },
  cursorKey: { leaf: 'cursor-key', kind: 'random-32-bytes', purpose: 'signs the cursors of paged lists' },
  ticketSeed: { leaf: 'ticket-seed', kind: 'random-32-bytes', purpose: "seed of the keys that sign tickets' QR codes" },
  stripeKey: { leaf: 'stripe-secret-key', kind: 'stripe-secret-key', purpose: "calls to Stripe's API" },
  webhookSecret: {
    leaf: 'stripe-webhook-secret',
    kind: 'stripe-webhook-secret',
    purpose: "checks the signature of Stripe's webhook calls",
  },
  applePassKey: { leaf: 'apple-pass-key', kind: 'apple-pass-key', purpose: 'signs passes for Apple Wallet' },
  // No secret, but too long for the environment of a function beside all else: 4 KB hold both.
  applePassCertificates: {
    leaf: 'apple-pass-certificates',
    kind: 'apple-pass-certificates',
    purpose: 'certificates of passes for Apple Wallet',
  },
  googleWallet: {
    leaf: 'google-wallet',
    kind: 'google-wallet',
    purpose: 'signs links that save tickets to Google Wallet',
  },
} as const satisfies Record<string, { leaf: string; kind: SecretKind; purpose: string }>;

export type SecretId = keyof typeof SECRETS;

/** SSM name of a secret of a stage. */
export function secretName(stage: StageName, id: SecretId): string {
  return `/onsale/${stage}/${SECRETS[id].leaf}`;
}

/**
 * The secrets of a stage, for setup and for the template's `Onsale::Secrets` metadata.
 *
 * @param which those asked for; all of them if left out
 */
export function secretsOf(stage: StageName, which: ReadonlySet<SecretId> = new Set(SECRET_IDS)): readonly SecretSpec[] {
  return SECRET_IDS.filter((id) => which.has(id)).map((id) => {
    const { kind, purpose } = SECRETS[id];
    return { name: secretName(stage, id), kind, purpose };
  });
}

const SECRET_IDS: readonly SecretId[] = Object.keys(SECRETS).filter((id): id is SecretId => id in SECRETS);
