import * as z from 'zod/mini';

import { organizationNames } from '../organizations/reads.ts';
import { toTimestamp } from '../shared/kernel/clock.ts';
import { logFault } from '../shared/runtime/log.ts';
import { advance, begin, marked, type Marked, type Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import type { Item, Key } from '../shared/table/keys.ts';
import { getItem } from '../shared/table/read.ts';
import { absent, type Otherwise, type Write } from '../shared/table/writes.ts';
import { faultsOf, ownTexts, type OwnTemplate, type OwnTexts, type TemplateName } from './domain/own-templates.ts';
import { languageOf } from './domain/languages.ts';
import type { MailContent } from './mime.ts';
import { mailTemplateActivated, mailTemplateSaved } from './templates-contract.ts';

// Rows of organisations' own words for mails: a list that names the versions in force, and each version by itself.

const state = z.object({ latest: z.int(), active: z.int() });
const listRow = z.object({ organizationId: z.string(), templates: z.record(z.string(), state) });

/** Which versions an organisation has of each template, and which is sent; 0 for none. */
export type TemplateList = z.infer<typeof listRow> & Marked & Item;
export type TemplateState = z.infer<typeof state>;

const versionRow = z.object({ texts: ownTexts, at: z.int() });

/** The list of an organisation's templates. */
function listKey(organizationId: string): Key {
  return { pk: `MAILTEMPLATES#${organizationId}`, sk: 'MAILTEMPLATES' };
}

function versionKey(organizationId: string, name: TemplateName, version: number): Key {
  return { pk: `MAILTEMPLATES#${organizationId}`, sk: `VERSION#${name}#${String(version).padStart(4, '0')}` };
}

/** The list, read strongly; undefined while nothing was ever saved. */
export async function findTemplateList(table: Table, organizationId: string): Promise<TemplateList | undefined> {
  const item = await getItem(table, listKey(organizationId), 'strong');
  return item === undefined ? undefined : { ...marked(item), ...z.parse(listRow, item) };
}

/** One version; it never changes. */
export async function findTemplateVersion(
  table: Table,
  organizationId: string,
  name: TemplateName,
  version: number,
): Promise<{ readonly texts: OwnTexts; readonly savedAt: string } | undefined> {
  const item = await getItem(table, versionKey(organizationId, name, version), 'strong');
  if (item === undefined) return undefined;
  const { texts, at } = z.parse(versionRow, item);
  return { texts, savedAt: toTimestamp(at) };
}

/**
 * Writes a template's new state, and the new version if there is one, together: of two who save at once one is refused.
 *
 * @param otherwise what it means that the list has moved on
 */
export function writeTemplate<E>(
  before: TemplateList | undefined,
  change: {
    readonly organizationId: string;
    readonly name: TemplateName;
    readonly next: TemplateState;
    readonly texts?: OwnTexts;
  },
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  const { organizationId, name, next, texts } = change;
  const event = texts === undefined ? mailTemplateActivated.name : mailTemplateSaved.name;
  const attributes = {
    organizationId,
    templates: { ...before?.templates, [name]: { ...next } },
    changed: { name, ...next },
  };
  const list =
    before === undefined
      ? begin(listKey(organizationId), attributes, { ...occasion, event }, otherwise)
      : advance(before, attributes, { ...occasion, event }, otherwise).write;
  if (texts === undefined) return [list];
  const item = {
    texts: z.parse(z.record(z.string(), z.record(z.string(), z.string())), plain(texts)),
    at: occasion.now,
  };
  return [
    list,
    { kind: 'put', key: versionKey(organizationId, name, next.latest), item, when: absent('pk'), otherwise },
  ];
}

/** Without what was left out. */
function plain(texts: OwnTexts): unknown {
  return JSON.parse(JSON.stringify(texts));
}

/**
 * The own words that an organisation's mails bear now. Whatever is wrong with them, a mail is not kept back for it: then it is
 * written in ours alone.
 */
export async function ownTemplateOf(
  table: Table,
  organizationId: string | undefined,
  name: TemplateName,
): Promise<OwnTemplate | undefined> {
  if (organizationId === undefined) return undefined;
  try {
    const list = await getItem(table, listKey(organizationId), 'eventual');
    const version = list === undefined ? 0 : (z.parse(listRow, list).templates[name]?.active ?? 0);
    if (version === 0) return undefined;
    const [found, names] = await Promise.all([
      findTemplateVersion(table, organizationId, name, version),
      organizationNames(table, [organizationId]),
    ]);
    const organization = names.get(organizationId);
    if (found === undefined || organization === undefined || faultsOf(name, found.texts).length > 0)
      throw new Error(`Version ${version} of ${name} cannot be used`);
    return { organization, name, version, words: (language) => found.texts[language] };
  } catch (error) {
    logFault('MAIL_FAULT', error, { organizationId, template: name });
    return undefined;
  }
}

/** What a notification records of the own words that it bore in the reader's language. @param locale BCP 47 language tag */
export function templateSent(own: OwnTemplate | undefined, locale: string): Pick<MailContent, 'ownTemplate'> {
  if (own?.words(languageOf(locale)) === undefined) return {};
  return { ownTemplate: { name: own.name, version: own.version } };
}
