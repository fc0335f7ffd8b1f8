import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { isPlanPicture, PLAN_PICTURE, planPicture } from './docs/pictures.ts';
import { generatedSections, replaceSection } from './docs/sections.ts';

const HELP = `npm run docs [-- --check]

Writes the sections of docs/ that are derived from the code, between their markers, and the picture of a plan.
  --check   only say which are out of date, and exit with 1 when some are
  --help    this text`;

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}

const root = join(import.meta.dirname, '..');
let stale = 0;
for (const section of generatedSections()) {
  const path = join(root, section.file);
  const before = readFileSync(path, 'utf8');
  const after = replaceSection(before, section);
  if (after === before) continue;
  stale += 1;
  console.log(`${values.check === true ? 'out of date' : 'written'}: ${section.file}, ${section.name}`);
  if (values.check !== true) writeFileSync(path, after);
}
const picture = join(root, PLAN_PICTURE);
if (!isPlanPicture(readFileSync(picture))) {
  stale += 1;
  console.log(`${values.check === true ? 'out of date' : 'written'}: ${PLAN_PICTURE}`);
  if (values.check !== true) writeFileSync(picture, planPicture().png);
}
if (stale === 0) console.log('All derived sections are up to date.');
process.exit(values.check === true && stale > 0 ? 1 : 0);
