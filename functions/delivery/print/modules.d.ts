/** The part of `linebreak` that is used; the package brings no types of its own. */
declare module 'linebreak' {
  class LineBreaker {
    constructor(text: string);
    /** The next place where a line may end, or null behind the last one. */
    nextBreak(): { readonly position: number; readonly required: boolean } | null;
  }
  // oxlint-disable-next-line import/no-default-export -- what the package exports
  export default LineBreaker;
}

/** The part of `bidi-js` that is used; its own types are those of its other build. */
declare module 'bidi-js' {
  interface EmbeddingLevels {
    readonly levels: Uint8Array;
    readonly paragraphs: readonly { readonly start: number; readonly end: number; readonly level: number }[];
  }
  interface Bidi {
    getEmbeddingLevels(text: string, direction: 'ltr' | 'rtl' | 'auto'): EmbeddingLevels;
    getMirroredCharactersMap(text: string, levels: Uint8Array): ReadonlyMap<number, string>;
  }
  // oxlint-disable-next-line import/no-default-export -- what the package exports
  export default function bidiFactory(): Bidi;
}

/** What pdfkit has beyond its types: a picture that is opened once and drawn on many pages, a font that is opened once. */
declare namespace PDFKit.Mixins {
  interface PDFImage {
    openImage(bytes: Buffer): ImageSrc;
  }
  interface PDFFont {
    registerFont(name: string, font: import('fontkit').Font): this;
  }
}
