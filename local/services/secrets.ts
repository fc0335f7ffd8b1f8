import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Model } from '../cloudformation/model.ts';
import { ACCOUNT } from '../cloudformation/names.ts';
import { StartFailure } from '../failure.ts';
import type { PrivateFile } from './private-file.ts';
import { googleWalletAccount, newPrivateKey, passCertificates } from './wallet-accounts.ts';

/** The key of a template's Metadata under which it lists the parameters that must exist. */
export const SECRETS_METADATA = 'Onsale::Secrets';

const Listed = z.array(
  z.object({
    name: z.string().startsWith('/'),
    kind: z.enum([
      'random-32-bytes',
      'key-ring',
      'stripe-secret-key',
      'stripe-webhook-secret',
      'apple-pass-key',
      'apple-pass-certificates',
      'google-wallet',
    ]),
    purpose: z.string().optional(),
  }),
);
type Kind = z.output<typeof Listed>[number]['kind'];

/** Values that stand in for generated ones, from the environment of the start. */
export interface GivenSecrets {
  /** A key of Stripe itself: no stand-in is started then. */
  readonly stripeSecretKey?: string | undefined;
  readonly stripeWebhookSecret?: string | undefined;
}

/** The SecureString parameters of the templates, generated at first start. */
export class Secrets {
  readonly #values = new Map<string, { kind: Kind; value: string }>();
  readonly #region: string;

  constructor(model: Model, store: PrivateFile, given: GivenSecrets) {
    this.#region = model.region;
    for (const listed of model.metadata(SECRETS_METADATA)) {
      const parsed = Listed.safeParse(listed);
      if (!parsed.success) {
        throw new StartFailure(`Metadata ${SECRETS_METADATA} is not as expected: ${z.prettifyError(parsed.error)}`);
      }
      for (const { name, kind } of parsed.data) {
        const value =
          givenValue(kind, given) ?? store.get(name, () => generate(kind, (other) => this.ofKind(other) ?? ''));
        this.#values.set(name, { kind, value });
      }
    }
  }

  /** The value of a parameter. */
  value(name: string): string | undefined {
    return this.#values.get(name)?.value;
  }

  /** The value of the first parameter of a kind. */
  ofKind(kind: Kind): string | undefined {
    return [...this.#values.values()].find((each) => each.kind === kind)?.value;
  }

  /** The ARN by which policies name a parameter. */
  arn(name: string): string {
    return `arn:aws:ssm:${this.#region}:${ACCOUNT}:parameter${name}`;
  }

  /** The answer of the Parameters and Secrets extension for a parameter. */
  answer(name: string, value: string): object {
    return {
      Parameter: { ARN: this.arn(name), DataType: 'text', Name: name, Type: 'SecureString', Value: value, Version: 1 },
      ResultMetadata: {},
    };
  }
}

function givenValue(kind: Kind, given: GivenSecrets): string | undefined {
  if (kind === 'stripe-secret-key') return given.stripeSecretKey;
  if (kind === 'stripe-webhook-secret') return given.stripeWebhookSecret;
  return undefined;
}

/** @param listed the value of a kind that is listed before */
function generate(kind: Kind, listed: (kind: Kind) => string): string {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  switch (kind) {
    case 'random-32-bytes':
      return hex(32);
    case 'key-ring': {
      const id = hex(4);
      return JSON.stringify({ current: id, keys: { [id]: hex(32) } });
    }
    case 'stripe-secret-key':
      return `sk_test_${hex(24)}`;
    case 'stripe-webhook-secret':
      return `whsec_${hex(24)}`;
    case 'apple-pass-key':
      return newPrivateKey();
    case 'apple-pass-certificates':
      return passCertificates(listed('apple-pass-key'));
    case 'google-wallet':
      return googleWalletAccount();
  }
}
