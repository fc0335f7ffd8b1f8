import type { Instant } from '../../shared/kernel/clock.ts';
import { describePost, describeTime, type NamedPost } from './access-mail.ts';
import { INVITATION_TEXTS } from './invitation-texts.ts';
import { languageOf } from './languages.ts';
import { named } from './brand.ts';
import type { House } from './layout.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';
import { isolate } from './isolate.ts';

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
export function wordInvitationMail(
  { locale, organization, sender, posts, expiresAt, url }: InvitationMail,
  house: House,
): MailText {
  const language = languageOf(locale);
  const t = INVITATION_TEXTS[language];
  return wordNotice(
    {
      language,
      subject: t.subject(isolate(organization)),
      greeting: t.greeting,
      paragraphs: [t.body(isolate(organization), isolate(sender), house.brand.name)],
      items: posts.map((post) => describePost(post, language)),
      link: { label: t.view, url },
      notes: [t.until(describeTime(expiresAt, 'UTC', language)), t.unknown],
      footer: named(t.footer, house.brand),
    },
    house,
  );
}
