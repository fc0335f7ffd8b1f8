import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';

import { addStacks, openApp } from '../../lib/app.ts';
import { stubCode } from '../../lib/bundling.ts';
import { STACK_NAMES, STAGE_NAMES, stageNamed } from '../../lib/stages.ts';
import { resourcesOf, synthesised } from './synthesised.ts';

test(
  "prod passes the AwsSolutions rules of cdk-nag and CDK's own rules for CloudFormation",
  { timeout: 240_000 },
  () => {
    const outdir = mkdtempSync(join(tmpdir(), 'onsale-nag-'));
    const app = openApp({ outdir, checked: true });
    addStacks(app, stageNamed('prod'), stubCode);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
    rmSync(outdir, { recursive: true });
  },
);

test('an exception to a rule says why', () => {
  const acknowledged = synthesised('prod')
    .stacks.app.node.root.node.findAll()
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
    .flatMap(({ data }) => Object.entries(data ?? {}));
  expect(acknowledged.length).toBeGreaterThan(5);
  for (const [rule, reason] of acknowledged) expect(String(reason).length, rule).toBeGreaterThan(30);
});

test('no stack has more than 450 resources, of the 500 that CloudFormation takes (ADR 51)', () => {
  for (const name of STAGE_NAMES) {
    for (const [stack, template] of Object.entries(synthesised(name).templates)) {
      expect(resourcesOf(template).length, `${stack} of ${name}`).toBeLessThanOrEqual(450);
    }
  }
});

test('everything can be found, and its cost be told apart, by its stage', () => {
  for (const stack of Object.values(synthesised('prod').stacks)) {
    expect(stack?.tags.tagValues()).toEqual({ app: 'onsale', stage: 'prod' });
  }
});

test.each(Object.values(STACK_NAMES))(
  'the template of %s is as it was last agreed to (prod, without code)',
  (stack) => {
    expect(synthesised('prod').templates[stack]).toMatchSnapshot();
  },
);
