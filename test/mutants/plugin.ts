import { join } from 'node:path';
import type { Plugin } from 'vitest/config';

import { ledgerFile, sitesIn } from './sites.ts';

const MUTABLE = join(import.meta.dirname, 'mutable.ts');

/**
 * Lets tests forget any one condition of the ledger's writes: each place that states one asks `mutable` first. Without a
 * mutant the code does what it says.
 */
export function mutableConditions(): Plugin {
  return {
    name: 'mutable-conditions',
    enforce: 'pre',
    transform: (text, path) => {
      const file = ledgerFile(path);
      if (file === undefined) return null;
      let mutated = text;
      // From the end on, so that earlier places stay where they are.
      for (const { id, start, end } of sitesIn(file, text).toReversed())
        mutated = `${mutated.slice(0, start)}mutable(${JSON.stringify(id)}, ${mutated.slice(start, end)})${mutated.slice(end)}`;
      // One line with the code's first, so that lines stay as they are numbered.
      return { code: `import { mutable } from ${JSON.stringify(MUTABLE)}; ${mutated}`, map: null };
    },
  };
}
