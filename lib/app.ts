import { App } from 'aws-cdk-lib';

import type { CodeOf } from './bundling.ts';
import { AppStack } from './stacks/app-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { EdgeStack } from './stacks/edge-stack.ts';
import type { Stage } from './stages.ts';

/** CDK's behaviours that are newer than its defaults; in code, so that every way to synthesise has them. */
const FEATURES = {
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:target-partitions': ['aws'],
  '@aws-cdk/aws-lambda:useCdkManagedLogGroup': false,
  // Exports and imports: the data stack cannot take away what the app stack uses.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  'aws:cdk:disable-stack-trace': true,
};

export interface AppOptions {
  /** What the command line gives. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where it is synthesised to. */
  readonly outdir?: string;
  /** Holds the templates against CDK's rules for CloudFormation as well: takes seconds, so not at each start. */
  readonly checked?: boolean;
}

/** An app without stacks. */
export function openApp({ context = {}, outdir, checked = false }: AppOptions = {}): App {
  return new App({
    context: { ...FEATURES, ...context },
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: checked,
    ...(outdir === undefined ? {} : { outdir }),
  });
}

/** The stacks of a stage, added to an app. */
export interface Stacks {
  readonly data: DataStack;
  readonly app: AppStack;
  /** Absent where nothing stands in front of the API. */
  readonly edge: EdgeStack | undefined;
}

/** Adds the stacks of `stage`. */
export function addStacks(app: App, stage: Stage, codeOf: CodeOf): Stacks {
  const data = new DataStack(app, stage);
  const appStack = new AppStack(app, stage, data, codeOf);
  const edge = stage.domains === undefined ? undefined : new EdgeStack(app, stage, stage.domains);
  // The distribution is useless before the domain that it calls.
  edge?.addStackDependency(appStack);
  return { data, app: appStack, edge };
}
