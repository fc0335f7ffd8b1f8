/** Pictures of passes are bundled as bytes (esbuild's `binary` loader). */
declare module '*.png' {
  const bytes: Uint8Array<ArrayBuffer>;
  // oxlint-disable-next-line import/no-default-export -- what the loader makes
  export default bytes;
}
