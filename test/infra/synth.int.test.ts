import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';

import { bundle, bundlePath, handlerFiles } from '../../lib/bundling.ts';
import { ROOT } from '../../lib/root.ts';
import { STACK_NAMES } from '../../lib/stages.ts';
import { resourcesOf } from './synthesised.ts';

const made = mkdtempSync(join(tmpdir(), 'onsale-synth-'));
const assembly = join(made, 'assembly');
const bundles = join(made, 'bundles');

/** What performance.md allows the function that sells: 380 KB. */
const HOLD_BYTES = 380 * 1_024;

const metafileShape = z.object({
  inputs: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.object({ imports: z.array(z.object({ path: z.string() })) })),
});
let metafile: z.infer<typeof metafileShape>;

beforeAll(async () => {
  // No credentials, no region, no home: all that a build machine may lack.
  execFileSync(process.execPath, [join(ROOT, 'bin/onsale.ts'), '-c', 'stage=local', '--output', assembly], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] },
  });
  await bundle(bundles, join(made, 'meta.json'));
  metafile = z.parse(metafileShape, JSON.parse(readFileSync(join(made, 'meta.json'), 'utf8')));
});

afterAll(() => {
  rmSync(made, { recursive: true });
});

const assetManifest = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string(), packaging: z.string() }) })),
});

test('the assembly holds a bundle for every function', () => {
  const template: unknown = JSON.parse(readFileSync(join(assembly, `${STACK_NAMES.app}.template.json`), 'utf8'));
  const functions = resourcesOf(z.parse(z.looseObject({}), template)).filter(
    ({ type }) => type === 'AWS::Lambda::Function',
  );
  const { files } = z.parse(
    assetManifest,
    JSON.parse(readFileSync(join(assembly, `${STACK_NAMES.app}.assets.json`), 'utf8')),
  );
  const zipped = Object.values(files).filter(({ source }) => source.packaging === 'zip');
  expect(functions).toHaveLength(handlerFiles().length);
  expect(zipped).toHaveLength(handlerFiles().length);
  for (const { source } of zipped) expect(existsSync(join(assembly, source.path, 'index.cjs')), source.path).toBe(true);
});

test('every bundle is whole: it names no package that is not in it', () => {
  const outputs = Object.entries(metafile.outputs);
  expect(outputs).toHaveLength(handlerFiles().length);
  for (const [name, { imports }] of outputs) {
    expect(
      imports.map(({ path }) => path).filter((path) => !isBuiltin(path)),
      name,
    ).toEqual([]);
  }
});

test('the bundle that sells stays small, and none carries the clients of the credential chain', () => {
  const hold = join(bundles, bundlePath('reservations/handlers/http-hold.ts'), 'index.cjs');
  expect(statSync(hold).size).toBeLessThan(HOLD_BYTES);
  expect(Object.keys(metafile.inputs).filter((input) => /nested-clients|credential-provider-sso/.test(input))).toEqual(
    [],
  );
});
