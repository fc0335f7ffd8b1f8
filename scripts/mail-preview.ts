import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { STAGES } from '../lib/stages.ts';
import { drawDocumented, drawMails } from './mail/pictures.ts';
import { samples } from './mail/samples.ts';

const HELP = `npm run mail:preview -- [--out FOLDER] [--language en|de|fr|es] [--template NAME] [--hostile] [--pictures] [--dark] [--width PIXELS] [--docs]

Writes every mail as it would be sent, with sample data: a page and a text for each, and
an index.html to open in a browser. Nothing is sent.
  --out FOLDER       where to; .onsale/mail-preview if left out
  --language CODE    in one language only
  --template NAME    one mail only, such as order-confirmation or refund
  --hostile          with names and titles that try to break out
  --pictures         draws each as well, as a WebP picture by the Chromium of this machine
  --dark             the pictures as a mail program in dark mode shows them
  --width PIXELS     of the pictures; 390, as wide as a phone, if left out
  --docs             draws the pictures of docs/mails.md anew, and nothing else
  --help             this text`;

let values;
try {
  ({ values } = parseArgs({
    options: {
      out: { type: 'string', default: '.onsale/mail-preview' },
      language: { type: 'string' },
      template: { type: 'string' },
      hostile: { type: 'boolean', default: false },
      pictures: { type: 'boolean', default: false },
      dark: { type: 'boolean', default: false },
      width: { type: 'string', default: '390' },
      docs: { type: 'boolean', default: false },
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
if (values.docs) {
  console.log(`${await drawDocumented()} pictures drawn`);
  process.exit(0);
}
const { out, language, template, hostile } = values;
const wanted = samples(hostile, STAGES.local).filter(
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
if (values.pictures)
  await drawMails(wanted, { width: Number(values.width), dark: values.dark }, (picture, index) => {
    const sample = wanted[index];
    if (sample !== undefined) writeFileSync(join(out, `${sample.template}.${sample.language}.webp`), picture);
  });
const rows = wanted.map(({ template: name, language: in_, subject }) => {
  const file = `${name}.${in_}`;
  return `<li><a href="${file}.html">${file}</a> (<a href="${file}.txt">text</a>): ${escape(subject)}</li>`;
});
writeFileSync(
  join(out, 'index.html'),
  `<!doctype html><meta charset="utf-8"><title>Mails</title><ul>${rows.join('')}</ul>`,
);
console.log(`${wanted.length} mails: ${join(out, 'index.html')}`);
