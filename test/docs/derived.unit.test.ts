import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';

import { isPlanPicture, PLAN_PICTURE } from '../../scripts/docs/pictures.ts';
import { generatedSections, replaceSection } from '../../scripts/docs/sections.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The colour of the first category of the generated plan. */
const isOrange = (data: Uint8Array, at: number): boolean =>
  (data[at] ?? 0) > 200 && (data[at + 1] ?? 0) > 80 && (data[at + 1] ?? 0) < 110 && (data[at + 2] ?? 0) < 20;

describe('pages derived from the code', () => {
  it.each(generatedSections().map((section) => ({ section, title: `${section.file}: ${section.name}` })))(
    '$title says what the code says (npm run docs writes it)',
    ({ section }) => {
      const page = readFileSync(join(ROOT, section.file), 'utf8');
      expect(replaceSection(page, section)).toBe(page);
    },
  );

  it('the picture of a seating plan is what is drawn of it, to the seat (npm run docs writes it)', () => {
    const png = readFileSync(join(ROOT, PLAN_PICTURE));
    expect(isPlanPicture(png)).toBe(true);
    const other = PNG.sync.read(png);
    const first = other.data.findIndex((_byte, at) => at % 4 === 0 && isOrange(other.data, at));
    expect(first).toBeGreaterThan(0);
    for (let y = 0; y < 10; y += 1)
      for (let x = -5; x < 5; x += 1)
        other.data.fill(255, first + (y * other.width + x) * 4, first + (y * other.width + x + 1) * 4);
    expect(isPlanPicture(PNG.sync.write(other))).toBe(false);
  });

  it('a page without its markers is an error, not silence', () => {
    expect(() => replaceSection('# Empty', { file: 'docs/x.md', name: 'x', text: '' })).toThrow(
      'docs/x.md lacks the markers',
    );
  });
});
