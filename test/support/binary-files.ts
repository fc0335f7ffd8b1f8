import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vitest/config';

/** Loads `.ttf`, `.wasm` and `.png` files as bytes, as esbuild's `binary` loader does when functions are bundled. */
export function binaryFiles(): Plugin {
  return {
    name: 'binary-files',
    enforce: 'pre',
    load: async (id) => {
      if (!/\.(?:ttf|wasm|png)$/.test(id)) return null;
      const base64 = (await readFile(id)).toString('base64');
      return `export default new Uint8Array(Buffer.from('${base64}', 'base64'));`;
    },
  };
}
