/**
 * Keeps secrets out of everything that is printed. A service may echo what it was sent (SSM's
 * validation errors quote the value), so the filter sits on the only way out instead of in each step.
 */

/** Shapes of Stripe's keys and signing secrets (https://docs.stripe.com/keys). */
const STRIPE_SECRETS = /\b(?:(?:sk|rk)_(?:test|live)|whsec)_[A-Za-z0-9*]+/g;

/** Values shorter than this are not replaced: they would turn ordinary words into gaps. */
const SHORTEST_SECRET = 8;

export type Redactor = {
  /** Marks a value as secret from now on, and returns it. */
  readonly hide: (secret: string) => string;
  /** The text with every known secret, and everything that looks like one, replaced. */
  readonly clean: (text: string) => string;
};

/** @returns a redactor that knows no value yet, only the shapes of Stripe's secrets. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    hide: (secret) => {
      if (secret.length >= SHORTEST_SECRET) secrets.add(secret);
      return secret;
    },
    clean: (text) => {
      let cleaned = text;
      for (const secret of secrets) cleaned = cleaned.replaceAll(secret, '[secret]');
      return cleaned.replaceAll(STRIPE_SECRETS, '[secret]');
    },
  };
}
