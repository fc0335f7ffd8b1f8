import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { build, type Metafile } from 'esbuild';
import * as z from 'zod/mini';

import { ROOT } from './root.ts';

/** Gives the code of a handler file; a function that takes part in the app names its own. */
export type CodeOf = (entry: string) => Code;

/** `orders/handlers/http-orders.ts` is bundled into `orders/http-orders/index.cjs`. */
export function bundlePath(entry: string): string {
  return entry.replace('/handlers/', '/').replace(/\.ts$/, '');
}

/** Every handler file, as a path below `functions/`. */
export function handlerFiles(): readonly string[] {
  return globSync('*/handlers/*.ts', { cwd: join(ROOT, 'functions') }).toSorted();
}

/**
 * Bundles every handler in one pass of esbuild: minified CommonJS, one file each, nothing left to be
 * installed. `mainFields` prefers ES modules, from which more can be shaken out (a fifth of the SDK).
 *
 * @param outdir empty, and the caller's own: two syntheses at once must not write over each other
 * @param metafilePath where to write what the bundles are made of, in esbuild's words; nowhere if left out
 */
export async function bundle(outdir: string, metafilePath?: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: handlerFiles().map((entry) => ({
      in: join('functions', entry),
      out: join(bundlePath(entry), 'index'),
    })),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // An `import()` left in a CommonJS file would load Node's ES modules, http and fetch among them, at first use.
    supported: { 'dynamic-import': false },
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': join(ROOT, 'lib/shims/credentials.ts') },
    // pdfkit asks for its own address at start, which CommonJS does not have.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    // Codecs of pictures and pictures of passes travel inside the bundle.
    loader: { '.wasm': 'binary', '.png': 'binary' },
    metafile: true,
    logLevel: 'warning',
  });
  putFontsBeside(metafile, outdir);
  if (metafilePath !== undefined) writeFileSync(metafilePath, JSON.stringify(metafile));
}

/** Which fonts printed tickets are set in, with their packages' files. */
const FONTS = 'functions/delivery/print/fonts.json';

/** Puts the fonts into `fonts/` beside each bundle that sets texts in them: as files, read when a text needs them. */
function putFontsBeside({ outputs }: Metafile, outdir: string): void {
  const fonts = z.parse(z.array(z.object({ file: z.string() })), JSON.parse(readFileSync(join(ROOT, FONTS), 'utf8')));
  for (const [output, { inputs }] of Object.entries(outputs)) {
    if (!(FONTS in inputs)) continue;
    const directory = join(dirname(join(ROOT, output)), 'fonts');
    if (!directory.startsWith(outdir)) throw new Error(`A bundle lies outside of ${outdir}`);
    mkdirSync(directory, { recursive: true });
    for (const { file } of fonts) cpSync(join(ROOT, 'node_modules', file), join(directory, basename(file)));
  }
}

/** The code that {@link bundle} has put into `outdir`. */
export function bundledCode(outdir: string): CodeOf {
  return (entry) => Code.fromAsset(join(outdir, bundlePath(entry)));
}

/** For looking at templates only: every function with the same few bytes that answer nothing. */
export const stubCode: CodeOf = () =>
  Code.fromInline('exports.handler = async () => { throw new Error("This is a stub."); };');
