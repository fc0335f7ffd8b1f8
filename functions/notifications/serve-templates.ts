import { ownedOrganizations } from '../organizations/owned.ts';
import { err, ok } from '../shared/kernel/result.ts';
import { conditionally, versionAsked } from '../shared/runtime/conditional.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Served } from '../shared/runtime/http.ts';
import type { Table } from '../shared/table/client.ts';
import { activateTemplate, refusalOf, saveTemplate, showTemplate, viewTemplate } from './app/own-templates.ts';
import type { Brand } from './domain/brand.ts';
import { exampleMail } from './domain/example-mails.ts';
import { TEMPLATE_NAMES } from './domain/own-templates.ts';
import { findTemplateList } from './templates.ts';
import * as api from './templates-contract.ts';

/** Routes about organisations' own words in mails. */
export function serveTemplates(table: Table, brand: Brand): readonly Served[] {
  const organizations = ownedOrganizations(table);
  return [
    serveOwned(api.listMailTemplates, organizations, async ({ headers }, { organizationId }) => {
      const list = await findTemplateList(table, organizationId);
      const items = TEMPLATE_NAMES.map((name) => viewTemplate(name, list));
      return ok(conditionally(headers, { status: 200, body: { items, nextCursor: null } }, 'never', list?.ver ?? 0));
    }),
    serveOwned(api.getMailTemplate, organizations, async ({ headers, params, query }, { organizationId }) => {
      const shown = await showTemplate(table, organizationId, params.templateName, query.version);
      if (!shown.ok) return shown;
      const { view, list } = shown.value;
      return ok(conditionally(headers, { status: 200, body: view }, 'never', list?.ver ?? 0));
    }),
    serveOwned(api.saveMailTemplate, organizations, async (asked, { organizationId }) => {
      const { headers, params, body, occasion } = asked;
      const change = { organizationId, name: params.templateName, ifMatch: versionAsked(headers['if-match']) };
      const saved = await saveTemplate(table, change, body, occasion);
      if (!saved.ok) return saved;
      const list = saved.value;
      const template = viewTemplate(change.name, list);
      const savedAt = new Date(occasion.now).toISOString();
      const view = { ...template, version: template.latestVersion, savedAt, texts: body.texts };
      return ok(conditionally({}, { status: 200, body: view }, 'never', list.ver));
    }),
    serveOwned(api.activateMailTemplate, organizations, async (asked, { organizationId }) => {
      const { headers, params, body, occasion } = asked;
      const change = { organizationId, name: params.templateName, ifMatch: versionAsked(headers['if-match']) };
      const chosen = await activateTemplate(table, change, body.version ?? 0, occasion);
      if (!chosen.ok) return chosen;
      const view = viewTemplate(change.name, chosen.value);
      return ok(conditionally({}, { status: 200, body: view }, 'never', chosen.value.ver));
    }),
    serveOwned(api.previewMailTemplate, organizations, async ({ params, body }, { name: organization }) => {
      const { templateName: name } = params;
      const refused = refusalOf(name, body.texts);
      if (refused !== undefined) return err(refused);
      const own = { organization, name, version: 0, words: () => body.texts[body.language] };
      return ok({ status: 200, body: exampleMail(name, body.language, { brand, own }) });
    }),
  ];
}
