/** Codecs are bundled as bytes (esbuild's `binary` loader). */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  // oxlint-disable-next-line import/no-default-export -- what the loader makes
  export default bytes;
}

/** What Node has of it; its types come with a browser's otherwise. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: never;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}

/** What the codecs call pixels. */
interface ImageData {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly colorSpace: 'srgb';
}
