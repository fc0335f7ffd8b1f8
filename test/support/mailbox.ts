import { inject } from 'vitest';

import { getJson } from './json.ts';
import { settled } from './shop.ts';

/** A mail in the local system's inbox. */
export interface SentMail {
  readonly subject: string;
  readonly destination: { readonly to: readonly string[] };
  readonly body: { readonly text?: string; readonly html?: string };
}

/** What was mailed to `address`, oldest first, once the queues are empty. */
export async function mailsTo(address: string): Promise<readonly SentMail[]> {
  await settled();
  const { emails } = await getJson<{ readonly emails: readonly SentMail[] }>(`${inject('system').inboxUrl}/store`);
  return emails.filter(({ destination }) => destination.to.some((to) => to.includes(address)));
}

/** The link with a token in the last mail to `address` whose path begins with `path`. */
export async function linkTo(address: string, path: string): Promise<URL> {
  const links = (await mailsTo(address)).flatMap(({ body }) => body.text?.match(/https?:\/\/\S+#token=[\w-]+/g) ?? []);
  const link = links.map((text) => new URL(text)).findLast(({ pathname }) => pathname === path);
  if (link === undefined) throw new Error(`No mail to ${address} has a link to ${path}`);
  return link;
}

/** The token that a link carries in its fragment. */
export function tokenOfLink({ hash }: URL): string {
  return new URLSearchParams(hash.slice(1)).get('token') ?? '';
}
