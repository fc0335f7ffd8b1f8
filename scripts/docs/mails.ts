import { STAGES } from '../../lib/stages.ts';
import { documentedPictures, MAILS, pictureFile } from '../mail/documented.ts';
import { samples } from '../mail/samples.ts';

/** Every mail with its subject, when it is sent, and how it looks. */
export function mailsTable(): string {
  const subjects = new Map(
    samples(false, STAGES.local).flatMap(({ template, language, subject }) =>
      language === 'en' ? [[template, subject] as const] : [],
    ),
  );
  const rows = Object.entries(MAILS).map(
    ([template, when]) =>
      `| \`${template}\` | ${when} | ${subjects.get(template) ?? ''} | ${imageOf(pictureFile({ template, language: 'en' }), `The mail ${template}`)} |`,
  );
  return ['| mail | sent when | subject, for example | |', '|---|---|---|---|', ...rows].join('\n');
}

/** The same mail in other languages, with hostile names, and in the dark. */
export function mailVariants(): string {
  const others = documentedPictures().filter(({ language, as }) => language !== 'en' || as !== undefined);
  const rows = others.map((picture) => {
    const how = picture.as ?? picture.language;
    return `| \`${picture.template}\` | ${how} | ${imageOf(pictureFile(picture), `The mail ${picture.template}, ${how}`)} |`;
  });
  return ['| mail | in | |', '|---|---|---|', ...rows].join('\n');
}

function imageOf(file: string, alternative: string): string {
  return `<img src="pictures/mails/${file}" alt="${alternative}" width="195">`;
}
