import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { samples } from './mail/samples.ts';

const HELP = `npm run mail:preview -- [--out FOLDER] [--language en|de|fr|es] [--template NAME] [--hostile]

Writes every mail about accounts, orders and events as it would be sent, with sample data: a page and a text for each, and
an index.html to open in a browser. Nothing is sent.
  --out FOLDER       where to; .onsale/mail-preview if left out
  --language CODE    in one language only
  --template NAME    one mail only, such as tickets or moved
  --hostile          with names and titles that try to break out
  --help             this text`;

let values;
try {
  ({ values } = parseArgs({
    options: {
      out: { type: 'string', default: '.onsale/mail-preview' },
      language: { type: 'string' },
      template: { type: 'string' },
      hostile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  process.exit(2);
}
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const { out, language, template, hostile } = values;
const wanted = samples(hostile).filter(
  (sample) => (language ?? sample.language) === sample.language && (template ?? sample.template) === sample.template,
);
if (wanted.length === 0) {
  console.error(`There is no such mail.\n\n${HELP}`);
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
for (const sample of wanted) {
  const name = `${sample.template}.${sample.language}`;
  writeFileSync(join(out, `${name}.html`), sample.html);
  writeFileSync(join(out, `${name}.txt`), `Subject: ${sample.subject}\n\n${sample.text}\n`);
}
const rows = wanted.map(({ template: name, language: in_, subject }) => {
  const file = `${name}.${in_}`;
  return `<li><a href="${file}.html">${file}</a> (<a href="${file}.txt">text</a>): ${escape(subject)}</li>`;
});
writeFileSync(
  join(out, 'index.html'),
  `<!doctype html><meta charset="utf-8"><title>Mails</title><ul>${rows.join('')}</ul>`,
);
console.log(`${wanted.length} mails: ${join(out, 'index.html')}`);
