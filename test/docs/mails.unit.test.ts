import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { STAGES } from '../../lib/stages.ts';
import {
  documentedPictures,
  MAIL_PICTURES,
  MAILS,
  MOST_PICTURE_BYTES,
  pictureFile,
} from '../../scripts/mail/documented.ts';
import { samples } from '../../scripts/mail/samples.ts';

const FOLDER = join(import.meta.dirname, '..', '..', MAIL_PICTURES);

it('every mail has its row, and every row its mail', () => {
  const templates = new Set(samples(false, STAGES.local).map(({ template }) => template));
  expect(Object.keys(MAILS).toSorted()).toEqual([...templates].toSorted());
});

it('every picture that the page shows is there, small, and no other', () => {
  const files = readdirSync(FOLDER);
  expect(files.toSorted()).toEqual(documentedPictures().map(pictureFile).toSorted());
  for (const file of files) expect(statSync(join(FOLDER, file)).size, file).toBeLessThanOrEqual(MOST_PICTURE_BYTES);
});
