import { describe, expect, it } from 'vitest';

import { wordAccountMail, type AccountMail } from '../../functions/notifications/domain/account-mail.ts';
import { ACCOUNT_TEXTS, type AccountMailKind } from '../../functions/notifications/domain/account-texts.ts';
import { LANGUAGES } from '../../functions/notifications/domain/languages.ts';
import { STAGES } from '../../lib/stages.ts';

const KINDS = Object.keys(ACCOUNT_TEXTS.en.mails).filter(
  (kind): kind is AccountMailKind => kind in ACCOUNT_TEXTS.en.mails,
);
const mail: Omit<AccountMail, 'kind' | 'language'> = {
  firstName: 'Ada',
  at: Date.parse('2026-11-25T22:14:00Z'),
  url: 'https://example.com/reset-password#token=abc',
};
const all = KINDS.flatMap((kind) => LANGUAGES.map((language) => ({ kind, language })));

describe('mails about accounts', () => {
  it.each(all)('$kind in $language says in HTML and text what it is about, and when', ({ kind, language }) => {
    const { subject, html, text } = wordAccountMail({ ...mail, kind, language }, STAGES.local);
    expect(subject.length).toBeGreaterThan(10);
    expect(html).toContain(`<html lang="${language}" `);
    for (const form of [html, text]) {
      expect(form).toContain('Ada');
      expect(form).not.toMatch(/[{}]when|undefined/);
      expect(form.includes(mail.url)).toBe(ACCOUNT_TEXTS[language].mails[kind].link !== undefined);
      expect(form.includes('2026') && form.includes('UTC')).toBe(
        ACCOUNT_TEXTS[language].mails[kind].paragraphs.join('').includes('{when}'),
      );
    }
  });

  it.each(all)('$kind in $language lets no name become markup (I25)', ({ kind, language }) => {
    const tags = (source: string): readonly string[] => source.match(/<\/?[a-z]+/gi) ?? [];
    const hostile = wordAccountMail(
      { ...mail, kind, language, firstName: '"><img src=x onerror=alert(1)>' },
      STAGES.local,
    );
    expect(tags(hostile.html)).toEqual(tags(wordAccountMail({ ...mail, kind, language }, STAGES.local).html));
    expect(hostile.html).toContain('&quot;&gt;&lt;img');
  });
});
