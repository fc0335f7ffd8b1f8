import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { addStacks, openApp } from '../lib/app.ts';
import { bundle, bundledCode, stubCode } from '../lib/bundling.ts';
import { CONTEXT_KEYS, STAGE_NAMES, stageNamed, USUAL_STAGE } from '../lib/stages.ts';

const HELP = `Synthesises the CloudFormation templates of Onsale; needs neither network nor credentials.

  node bin/onsale.ts [-c ${CONTEXT_KEYS.stage}=${STAGE_NAMES.join('|')}] [-c key=value]... [--output DIR]

  -c, --context key=value   context, as the CDK's own command line takes it; the stage is ${USUAL_STAGE} if none is given
  -o, --output DIR          where the assembly goes (default: CDK_OUTDIR, or cdk.out)
  -h, --help                this text

"cdk synth" and "cdk deploy" run this file too, see cdk.json.
`;

const { values } = parseArgs({
  options: {
    context: { type: 'string', short: 'c', multiple: true, default: [] },
    output: { type: 'string', short: 'o' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await synthesise(values.context, values.output ?? process.env['CDK_OUTDIR'] ?? 'cdk.out');

async function synthesise(assignments: readonly string[], outdir: string): Promise<void> {
  // The CDK's command line says so; what it synthesises may be deployed.
  const checked = process.env['CDK_CLI_VERSION'] !== undefined;
  const app = openApp({ context: Object.fromEntries(assignments.map(assignment)), outdir, checked });
  const stage = stageNamed(app.node.tryGetContext(CONTEXT_KEYS.stage) ?? USUAL_STAGE);
  // The CDK asks for no stack's code when it only lists or destroys, and template readers say so themselves.
  const bundling: unknown = app.node.tryGetContext('aws:cdk:bundling-stacks');
  const wanted = !(Array.isArray(bundling) && bundling.length === 0) && bundling !== '[]';
  const bundles = mkdtempSync(join(tmpdir(), 'onsale-bundles-'));
  try {
    if (wanted) await bundle(bundles);
    addStacks(app, stage, wanted ? bundledCode(bundles) : stubCode);
    app.synth();
  } finally {
    rmSync(bundles, { recursive: true });
  }
}

function assignment(text: string): readonly [string, string] {
  const [key, ...value] = text.split('=');
  if (key === undefined || key === '' || value.length === 0) throw new Error(`--context takes key=value, not ${text}`);
  return [key, value.join('=')];
}
