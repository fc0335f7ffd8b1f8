import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import * as z from 'zod/mini';

import { bundle, bundlePath, handlerFiles } from '../../lib/bundling.ts';

/** The functions' bundles, as they are deployed, in a directory of their own. */
export interface Bundles {
  /** The file of a handler such as `reservations/handlers/http-hold.ts`. */
  pathOf(entry: string): string;
  /** Bytes of every bundle, by handler, with the packages that weigh most in it. */
  readonly sizes: readonly BundleSize[];
  /** Removes them. */
  remove(): void;
}

/** How big one bundle is, minified, and what of. */
export interface BundleSize {
  readonly entry: string;
  readonly bytes: number;
  readonly largest: readonly { readonly from: string; readonly bytes: number }[];
}

const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      entryPoint: z.optional(z.string()),
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
    }),
  ),
});

/** Bundles every handler with the deployment's own options. */
export async function makeBundles(): Promise<Bundles> {
  const directory = mkdtempSync(join(tmpdir(), 'onsale-bench-'));
  const metaPath = join(directory, 'meta.json');
  const outdir = join(directory, 'functions');
  await bundle(outdir, metaPath);
  const { outputs } = z.parse(metafile, JSON.parse(readFileSync(metaPath, 'utf8')));
  const pathOf = (entry: string): string => join(outdir, bundlePath(entry), 'index.cjs');
  const sizes = handlerFiles().map((entry): BundleSize => {
    const output = Object.values(outputs).find(({ entryPoint }) => entryPoint === `functions/${entry}`);
    return { entry, bytes: statSync(pathOf(entry)).size, largest: largestOf(output?.inputs ?? {}) };
  });
  return { pathOf, sizes, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** The three heaviest packages, our own code counting as one. */
function largestOf(inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>): BundleSize['largest'] {
  const byPackage = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'our code';
    byPackage.set(inPackage, (byPackage.get(inPackage) ?? 0) + bytesInOutput);
  }
  return [...byPackage]
    .map(([from, bytes]) => ({ from, bytes }))
    .toSorted((left, right) => right.bytes - left.bytes)
    .slice(0, 3);
}
