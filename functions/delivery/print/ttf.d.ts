/** Fonts are bundled as bytes (esbuild's `binary` loader). */
declare module '*.ttf' {
  const bytes: Uint8Array;
  // oxlint-disable-next-line import/no-default-export -- what the loader makes
  export default bytes;
}
