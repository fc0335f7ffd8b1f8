import type { Instant } from '../../shared/kernel/clock.ts';
import { describePost, describeTime, type NamedPost } from './access-mail.ts';
import { INVITATION_TEXTS } from './invitation-texts.ts';
import { languageOf } from './languages.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';

/** What the mail with an invitation tells. */
export interface InvitationMail {
  /** BCP 47 language tag. */
  readonly locale: string;
  readonly organization: string;
  /** Name of who invites, where that is a colleague-to-be; empty for an administrator. */
  readonly sender: string;
  readonly posts: readonly NamedPost[];
  readonly expiresAt: Instant;
  /** With the token in its fragment. */
  readonly url: string;
}

/** Words the mail with an invitation. Every text from outside is escaped (invariant I25). */
export function wordInvitationMail({ locale, organization, sender, posts, expiresAt, url }: InvitationMail): MailText {
  const language = languageOf(locale);
  const t = INVITATION_TEXTS[language];
  return wordNotice({
    language,
    subject: t.subject(organization),
    greeting: t.greeting,
    paragraphs: [t.body(organization, sender)],
    items: posts.map((post) => describePost(post, language)),
    link: { label: t.view, url },
    notes: [t.until(describeTime(expiresAt, 'UTC', language)), t.unknown],
    footer: t.footer,
  });
}
