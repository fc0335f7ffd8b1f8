import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { build } from 'esbuild';

import { ROOT } from './root.ts';

/** Gives the code of a handler file; a function that takes part in the app names its own. */
export type CodeOf = (entry: string) => Code;

/** Where bundles are written: one directory for each handler, and what they are made of. */
export const BUNDLE_DIR = join(ROOT, 'dist', 'functions');
/** esbuild's metafile of the last bundling, which the bench reads sizes from. */
export const METAFILE = join(ROOT, 'dist', 'functions.meta.json');

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
 * @param outdir made anew; the bench bundles elsewhere, so as not to pull the rug from under a synthesis
 */
export async function bundle(outdir = BUNDLE_DIR, metafilePath = METAFILE): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
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
    mainFields: ['module', 'main'],
    // pdfkit asks for its own address at start, which CommonJS does not have.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    // Fonts of the PDFs travel inside the bundle.
    loader: { '.ttf': 'binary' },
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(metafilePath, JSON.stringify(metafile));
}

/** The code that {@link bundle} made of a handler file. */
export const bundledCode: CodeOf = (entry) => Code.fromAsset(join(BUNDLE_DIR, bundlePath(entry)));

/** For looking at templates only: every function with the same few bytes that answer nothing. */
export const stubCode: CodeOf = () =>
  Code.fromInline('exports.handler = async () => { throw new Error("This is a stub."); };');
