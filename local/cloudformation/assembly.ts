import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { StartFailure } from '../failure.ts';

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      displayName: z.string().optional(),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          directoryName: z.string().optional(),
          file: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

const AssetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional(), packaging: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

const Resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  Condition: z.string().optional(),
  DependsOn: z.unknown().optional(),
  Metadata: z.record(z.string(), z.unknown()).optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

/** The sections of a CloudFormation template that the runtime reads; another section stops the start. */
const Template = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.record(z.string(), z.unknown()).optional(),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })).optional(),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).optional(),
  Conditions: z.record(z.string(), z.unknown()).optional(),
  Rules: z.unknown().optional(),
  Resources: z.record(z.string(), Resource).default({}),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({
        Value: z.unknown(),
        Condition: z.string().optional(),
        Export: z.object({ Name: z.unknown() }).optional(),
      }),
    )
    .optional(),
});

/** A synthesised template, as written by `cdk synth`. */
export type Template = z.infer<typeof Template>;

/** One resource of a template, its properties not yet evaluated. */
export type TemplateResource = z.infer<typeof Resource>;

/** A stack of the assembly with what its template needs from disk. */
export interface Stack {
  readonly name: string;
  readonly region: string | undefined;
  readonly template: Template;
  /** Absolute path of each file asset by the S3 object key that the template names. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads a cloud assembly directory (what `cdk synth` leaves in `cdk.out`): every stack, nested stages
 * included.
 *
 * @throws StartFailure when the directory holds no assembly, or a template has an unknown section.
 */
export function readAssembly(directory: string): Stack[] {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new StartFailure(`${resolve(directory)} holds no cloud assembly: manifest.json is missing.`);
  }
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(manifestFile, 'utf8')));
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    const { templateFile, stackName, directoryName } = artifact.properties ?? {};
    if (artifact.type === 'cdk:cloud-assembly' && directoryName !== undefined) {
      return readAssembly(join(directory, directoryName));
    }
    if (artifact.type !== 'aws:cloudformation:stack' || templateFile === undefined) return [];
    const name = stackName ?? id;
    return [
      {
        name,
        region: regionOf(artifact.environment),
        template: parseTemplate(name, readFileSync(join(directory, templateFile), 'utf8')),
        assets: readAssets(directory, `${id}.assets.json`),
      },
    ];
  });
}

/** Parses a template; an unknown section or resource attribute stops the start by name. */
export function parseTemplate(stack: string, json: string): Template {
  const parsed = Template.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? `.${issue.keys.join(', ')}` : '';
  throw new StartFailure(
    `${stack}: the local runtime does not know the template's ${issue?.path.join('.') ?? ''}${keys} (${issue?.message ?? ''}).`,
  );
}

function regionOf(environment: string | undefined): string | undefined {
  const region = environment?.split('/').at(-1);
  return region === undefined || region.startsWith('unknown') ? undefined : region;
}

function readAssets(directory: string, file: string): Map<string, string> {
  const path = join(directory, file);
  if (!existsSync(path)) return new Map();
  const { files } = AssetManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      source.path === undefined
        ? []
        : Object.values(destinations).map(({ objectKey }): [string, string] => [
            objectKey,
            resolve(directory, source.path ?? ''),
          ]),
    ),
  );
}
