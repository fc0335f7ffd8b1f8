import * as z from 'zod/mini';

import { fetchFrom } from '../audit/local-system.ts';

const mail = z.object({
  subject: z.string(),
  destination: z.object({ to: z.array(z.string()) }),
  body: z.object({ text: z.optional(z.string()) }),
  attachments: z.array(
    z.object({ content: z.string(), contentType: z.string(), filename: z.optional(z.string()), size: z.number() }),
  ),
});

/** A mail as the local inbox shows it; attachments are Base64. */
export type InboxMail = z.infer<typeof mail>;

const store = z.object({ emails: z.array(mail) });

/** The mail to `recipient` that names `text`, such as an order's number; undefined while there is none. */
export async function findMail(inboxUrl: string, recipient: string, text: string): Promise<InboxMail | undefined> {
  const answer = await fetchFrom('The mail inbox', `${inboxUrl}/store`);
  const { emails } = z.parse(store, await answer.json());
  return emails.findLast(
    ({ subject, destination, body }) =>
      destination.to.some((to) => to.includes(recipient)) && `${subject}\n${body.text ?? ''}`.includes(text),
  );
}

/** The bytes of the PDF that `mail` carries, and its name. */
export function pdfOf({ attachments }: InboxMail): { readonly name: string; readonly bytes: Uint8Array } | undefined {
  const pdf = attachments.find(({ contentType }) => contentType === 'application/pdf');
  return pdf === undefined
    ? undefined
    : { name: pdf.filename ?? 'tickets.pdf', bytes: Buffer.from(pdf.content, 'base64') };
}
