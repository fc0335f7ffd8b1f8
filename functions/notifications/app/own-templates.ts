import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { faultsOf, TEMPLATES, type OwnTexts, type TemplateName } from '../domain/own-templates.ts';
import {
  findTemplateList,
  findTemplateVersion,
  writeTemplate,
  type TemplateList,
  type TemplateState,
} from '../templates.ts';
import { MOST_VERSIONS } from '../templates-contract.ts';

/** What is told of the list. */
type Listed = Pick<TemplateList, 'templates' | 'ver'>;

/** A template as organizers see it. */
export function viewTemplate(name: TemplateName, list: Listed | undefined) {
  const { latest, active } = stateOf(list, name);
  const { placeholders, ownSubject } = TEMPLATES[name];
  return { name, placeholders: [...placeholders], ownSubject, activeVersion: active || null, latestVersion: latest };
}

function stateOf(list: Listed | undefined, name: TemplateName): TemplateState {
  return list?.templates[name] ?? { latest: 0, active: 0 };
}

/** A template with the texts of one version: of the newest where none is named. */
export async function showTemplate(
  table: Table,
  organizationId: string,
  name: TemplateName,
  wanted: number | undefined,
) {
  const list = await findTemplateList(table, organizationId);
  const version = wanted ?? stateOf(list, name).latest;
  const found = version === 0 ? undefined : await findTemplateVersion(table, organizationId, name, version);
  if (wanted !== undefined && found === undefined) return err(unknownVersion());
  const shown = { version, savedAt: found?.savedAt ?? null, texts: found?.texts ?? {} };
  return ok({ list, view: { ...viewTemplate(name, list), ...shown } });
}

/** What is wrong with own words, as a refusal; undefined when they may be used. */
export function refusalOf(name: TemplateName, texts: OwnTexts): Problem | undefined {
  const errors = faultsOf(name, texts);
  return errors.length === 0 ? undefined : problem('TEMPLATE_INVALID', 'Mend what `errors` lists.', { errors });
}

type IfMatch = number | 'any' | 'none' | undefined;

/** A change of one template, by who has read it. */
export interface TemplateChange {
  readonly organizationId: string;
  readonly name: TemplateName;
  readonly ifMatch: IfMatch;
}

/**
 * Saves own words as a new version, which is sent from now on if `activate`.
 *
 * @returns TEMPLATE_INVALID, TOO_MANY_VERSIONS, or that it was not read, or has been changed since
 */
export function saveTemplate(
  table: Table,
  change: TemplateChange,
  { texts, activate = true }: { readonly texts: OwnTexts; readonly activate?: boolean | undefined },
  occasion: Occasion,
): Promise<Result<Listed, Problem>> {
  const refused = refusalOf(change.name, texts);
  if (refused !== undefined) return Promise.resolve(err(refused));
  return write(table, change, occasion, ({ latest, active }) => {
    if (latest === MOST_VERSIONS) return err(problem('TOO_MANY_VERSIONS', 'Activate an earlier version instead.'));
    return ok({ next: { latest: latest + 1, active: activate ? latest + 1 : active }, texts });
  });
}

/** Sends an earlier version from now on, or with 0 ours alone. @returns TEMPLATE_VERSION_UNKNOWN where there is none */
export function activateTemplate(
  table: Table,
  change: TemplateChange,
  version: number,
  occasion: Occasion,
): Promise<Result<Listed, Problem>> {
  return write(table, change, occasion, ({ latest }) =>
    version > latest ? err(unknownVersion()) : ok({ next: { latest, active: version } }),
  );
}

const ROUNDS = 4;

async function write(
  table: Table,
  { organizationId, name, ifMatch }: TemplateChange,
  occasion: Occasion,
  decide: (state: TemplateState) => Result<{ readonly next: TemplateState; readonly texts?: OwnTexts }, Problem>,
): Promise<Result<Listed, Problem>> {
  if (ifMatch === undefined)
    return err(problem('PRECONDITION_REQUIRED', 'Send If-Match with the ETag of what you have read.'));
  for (let round = 0; round < ROUNDS; round += 1) {
    const list = await findTemplateList(table, organizationId);
    if (ifMatch !== 'any' && ifMatch !== (list?.ver ?? 0)) return err(movedOn(list));
    const decided = decide(stateOf(list, name));
    if (!decided.ok) return decided;
    const writes = writeTemplate(list, { organizationId, name, ...decided.value }, occasion, () => 'MOVED_ON' as const);
    const done = await commit(table, writes);
    if (done.ok)
      return ok({ templates: { ...list?.templates, [name]: decided.value.next }, ver: (list?.ver ?? 0) + 1 });
  }
  throw new StoreBusyError('The templates kept changing');
}

function movedOn(list: Listed | undefined): Problem {
  return problem('PRECONDITION_FAILED', 'It has changed since you read it. Read it again and repeat your change.', {
    extra: { etag: `"v${list?.ver ?? 0}"` },
  });
}

function unknownVersion(): Problem {
  return problem('TEMPLATE_VERSION_UNKNOWN', 'There is no such version of this template.');
}
