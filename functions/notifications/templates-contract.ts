import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { LANGUAGES } from './domain/languages.ts';
import { ownTexts, TEMPLATE_NAMES } from './domain/own-templates.ts';

/** Versions that one template may have: what was sent names its version, so none is forgotten. */
export const MOST_VERSIONS = 200;

const templateName = z.enum(TEMPLATE_NAMES);
const version = z.int().check(z.minimum(1), z.maximum(MOST_VERSIONS));

/** A mail that an organisation may add its own words to. */
export const mailTemplateView = z.object({
  name: templateName,
  /** What `{{…}}` may name in its texts. */
  placeholders: z.array(z.string()),
  /** Whether its subject may be the organisation's own. */
  ownSubject: z.boolean(),
  /** The version that is sent; null for ours alone. */
  activeVersion: z.nullable(z.int()),
  /** The newest that was saved; versions are numbered from 1. */
  latestVersion: z.int(),
});

const versionView = z.extend(mailTemplateView, {
  /** The version that `texts` are of; 0 and without any while none was saved. */
  version: z.int(),
  savedAt: z.nullable(z.iso.datetime()),
  texts: ownTexts,
});

const organizationParams = z.strictObject({ organizationId: z.string().check(z.regex(ULID_PATTERN)) });
const templateParams = z.extend(organizationParams, { templateName });
const LEADERS = { who: ['organizer', 'admin'], owns: 'organization' } as const;
const PINNED = ['PRECONDITION_REQUIRED', 'PRECONDITION_FAILED'] as const;
const headers = {
  'If-Match': 'the ETag of the template or of the list, or `*`: nobody has changed one meanwhile',
} as const;

export const listMailTemplates = route({
  id: 'listMailTemplates',
  method: 'GET',
  path: '/api/organizations/{organizationId}/mail-templates',
  summary: 'Mails that an organisation may add its own words to',
  access: LEADERS,
  params: organizationParams,
  responses: { 200: z.object({ items: z.array(mailTemplateView), nextCursor: z.null() }) },
  problems: [],
});

export const getMailTemplate = route({
  id: 'getMailTemplate',
  method: 'GET',
  path: '/api/organizations/{organizationId}/mail-templates/{templateName}',
  summary: "An organisation's own words for a mail: the version asked for, or the newest",
  access: LEADERS,
  params: templateParams,
  query: z.strictObject({
    version: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MOST_VERSIONS))),
  }),
  responses: { 200: versionView },
  problems: ['TEMPLATE_VERSION_UNKNOWN'],
});

export const saveMailTemplate = route({
  id: 'saveMailTemplate',
  method: 'PUT',
  path: '/api/organizations/{organizationId}/mail-templates/{templateName}',
  summary: 'Save own words for a mail as a new version, which is sent from now on unless said otherwise',
  access: LEADERS,
  params: templateParams,
  headers,
  body: z.strictObject({ texts: ownTexts, activate: z.optional(z.boolean()) }),
  responses: { 200: versionView },
  problems: [...PINNED, 'TEMPLATE_INVALID', 'TOO_MANY_VERSIONS'],
});

export const activateMailTemplate = route({
  id: 'activateMailTemplate',
  method: 'PUT',
  path: '/api/organizations/{organizationId}/mail-templates/{templateName}/active',
  summary: 'Send an earlier version of own words for a mail, or, with null, ours alone',
  access: LEADERS,
  params: templateParams,
  headers,
  body: z.strictObject({ version: z.nullable(version) }),
  responses: { 200: mailTemplateView },
  problems: [...PINNED, 'TEMPLATE_VERSION_UNKNOWN'],
});

export const previewMailTemplate = route({
  id: 'previewMailTemplate',
  method: 'POST',
  path: '/api/organizations/{organizationId}/mail-templates/{templateName}/preview',
  summary: 'How a mail with these words would look, with made-up data; nothing is kept or sent',
  access: LEADERS,
  params: templateParams,
  body: z.strictObject({ texts: ownTexts, language: z.enum(LANGUAGES) }),
  responses: { 200: z.object({ subject: z.string(), html: z.string(), text: z.string() }) },
  problems: ['TEMPLATE_INVALID'],
});

export const templatesRoutes = [
  listMailTemplates,
  getMailTemplate,
  saveMailTemplate,
  activateMailTemplate,
  previewMailTemplate,
] as const;

const ofTemplate = z.object({
  organizationId: z.string(),
  /** Which template was changed, with its newest version and the one that is sent; 0 for ours. */
  changed: z.object({ name: z.string(), latest: z.int(), active: z.int() }),
});

export const mailTemplateSaved = defineEvent(
  'notifications.MailTemplateSaved.v1',
  'an organizer saves own words for a mail',
  ofTemplate,
);
export const mailTemplateActivated = defineEvent(
  'notifications.MailTemplateActivated.v1',
  'an organizer chooses which version of own words is sent, or none',
  ofTemplate,
);

export const templatesEvents = [mailTemplateSaved, mailTemplateActivated] as const;
