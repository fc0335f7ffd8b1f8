import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod/mini';

import { addStacks, openApp, type Stacks } from '../../lib/app.ts';
import { stubCode } from '../../lib/bundling.ts';
import { STACK_NAMES, stageNamed, type Stage, type StageName } from '../../lib/stages.ts';

/** A resource of a template. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The templates of a stage, made once for each test file. */
export interface Synthesised {
  readonly stage: Stage;
  readonly stacks: Stacks;
  /** Template of each stack, by the stack's name. */
  readonly templates: Readonly<Record<string, object>>;
  /** For assertions on the resources of one stack. */
  readonly template: (stack: keyof typeof STACK_NAMES) => Template;
  /** Every resource of every stack, or those of one type. */
  readonly resources: (type?: string) => readonly Resource[];
  /** Every policy of every role, be it a resource of its own or within its role, whose id it then bears. */
  readonly policies: () => readonly Resource[];
}

const made = new Map<string, Synthesised>();

/** The templates of a stage, with stubs for the functions' code, as `-c` asks for them. */
export function synthesised(name: StageName, context: Readonly<Record<string, string>> = {}): Synthesised {
  const key = JSON.stringify([name, context]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const stage = stageNamed(name);
  const outdir = mkdtempSync(join(tmpdir(), 'onsale-synth-'));
  const app = openApp({ context, outdir });
  const stacks = addStacks(app, stage, stubCode);
  const templates = Object.fromEntries(
    app.synth().stacks.map(({ stackName, template }) => [stackName, z.parse(z.looseObject({}), template)]),
  );
  rmSync(outdir, { recursive: true });
  const all = Object.values(templates).flatMap(resourcesOf);
  const result: Synthesised = {
    stage,
    stacks,
    templates,
    template: (stack) => Template.fromJSON(templates[STACK_NAMES[stack]] ?? {}),
    policies: () => [...all.filter(({ type }) => type === 'AWS::IAM::Policy'), ...all.flatMap(inlinePoliciesOf)],
    resources: (type) => (type === undefined ? all : all.filter((resource) => resource.type === type)),
  };
  made.set(key, result);
  return result;
}

const templateShape = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z._default(z.record(z.string(), z.unknown()), {}) }),
  ),
});

const rolePolicies = z.object({ Policies: z._default(z.array(z.record(z.string(), z.unknown())), []) });

function inlinePoliciesOf({ logicalId, type, properties }: Resource): readonly Resource[] {
  if (type !== 'AWS::IAM::Role') return [];
  return z.parse(rolePolicies, properties).Policies.map((policy) => ({ logicalId, type, properties: policy }));
}

/** The resources of one template. */
export function resourcesOf(template: object): readonly Resource[] {
  return Object.entries(z.parse(templateShape, template).Resources).map(([logicalId, resource]) => ({
    logicalId,
    type: resource.Type,
    properties: resource.Properties,
  }));
}

/** The text of a value, to look for what it refers to. */
export function textOf(value: unknown): string {
  return JSON.stringify(value) ?? '';
}
