import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** One relative import of one source file, both as paths from the repository's root. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Folders whose code the rules of the architecture speak of. */
export const SOURCE_FOLDERS = ['bin', 'lib', 'functions', 'local', 'scripts'] as const;

/** Every TypeScript file of the source folders below `root`, as paths from it. */
export function sourceFiles(root: string): readonly string[] {
  return SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  ).toSorted();
}

/** Static and dynamic imports and re-exports: `from '…'`, `import '…'`, `import('…')`. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g;

/** The specifiers that `text` imports. */
export function specifiersOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, specifier = '']) => specifier);
}

/** `import type { … } from '…'`, which leaves nothing behind at run time. */
const TYPE_IMPORT = /\bimport type [^;]*;/g;

/** The relative imports of `file`, resolved; with `values`, those that are there at run time. */
export function importsOf(root: string, file: string, which: 'all' | 'values' = 'all'): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return specifiersOf(which === 'all' ? text : text.replaceAll(TYPE_IMPORT, ''))
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ from: file, to: normalize(join(dirname(file), specifier)) }));
}
