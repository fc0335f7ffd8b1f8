import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vitest/config';

/** Loads `.ttf` files as bytes, as esbuild's `binary` loader does when functions are bundled. */
export function binaryFonts(): Plugin {
  return {
    name: 'binary-fonts',
    enforce: 'pre',
    load: async (id) => {
      if (!id.endsWith('.ttf')) return null;
      const base64 = (await readFile(id)).toString('base64');
      return `export default new Uint8Array(Buffer.from('${base64}', 'base64'));`;
    },
  };
}
