import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { generatedSections, replaceSection } from '../../scripts/docs/sections.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('pages derived from the code', () => {
  it.each(generatedSections().map((section) => ({ section, title: `${section.file}: ${section.name}` })))(
    '$title says what the code says (npm run docs writes it)',
    ({ section }) => {
      const page = readFileSync(join(ROOT, section.file), 'utf8');
      expect(replaceSection(page, section)).toBe(page);
    },
  );

  it('a page without its markers is an error, not silence', () => {
    expect(() => replaceSection('# Empty', { file: 'docs/x.md', name: 'x', text: '' })).toThrow(
      'docs/x.md lacks the markers',
    );
  });
});
