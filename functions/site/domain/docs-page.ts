import { createHash } from 'node:crypto';

import { PROBLEMS } from '../../shared/kernel/problems.ts';
import { escapeHtml } from './escape.ts';
import { fieldsOf, rulesOf, typeOf, type Field } from './fields.ts';
import type { OpenApi, Operation } from './openapi.ts';

/** A page and the policy under which a browser may show it. */
export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--back:#fff;--code:#f3f5f7;--accent:#0b57b0}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#3a434d;--back:#0e1116;--code:#1a2029;--accent:#7ab7ff}}
*{box-sizing:border-box}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem}
header,nav,main{max-width:62rem;margin:0 auto;padding:1rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;margin:0}
section{margin-top:2.5rem}
article{border-top:1px solid var(--line);padding:1rem 0}
h3{font-size:1.05rem;margin:.25rem 0;overflow-wrap:anywhere}
code{background:var(--code);padding:.1em .3em;border-radius:.25em;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.75rem 0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
tr:target{background:var(--code)}
`;

/**
 * The document as a page to read: one file without script or anything from elsewhere, so that its policy
 * allows nothing but its own style, by hash.
 */
export function docsPageOf(document: OpenApi): Page {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, operation })),
  );
  const sections = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section aria-labelledby="${name}"><h2 id="${name}">${capital(name)}</h2>${own.map(articleOf).join('')}</section>`;
  });
  const links = [...document.tags.map(({ name }) => name), 'problems'].map(
    (name) => `<li><a href="#${name}">${capital(name)}</a></li>`,
  );
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(document.info.title)} API</title><style>${STYLE}</style></head><body>
<a class="skip" href="#content">Skip to the routes</a>
<header><h1>${escapeHtml(document.info.title)} API</h1><p>${escapeHtml(document.info.description)}</p>
<p>The same for machines: <a href="/api/openapi.json">OpenAPI ${document.openapi}</a>.</p></header>
<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>
<main id="content">${sections.join('\n')}${problemsSection()}</main>
</body></html>`;
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

function articleOf({ title, operation }: { readonly title: string; readonly operation: Operation }): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const answers = Object.entries(responses).filter(([status]) => Number(status) < 400);
  return `<article aria-labelledby="op-${operationId}"><h3 id="op-${operationId}"><code>${escapeHtml(title)}</code></h3>
<p>${escapeHtml(summary)}. <span class="soft">${escapeHtml(whoOf(operation))}</span></p>
${fieldTable(
  'Parameters',
  parameters.map(({ name, in: where, required, schema, description }) => ({
    path: name,
    type: `${typeOf(schema)} in the ${where}`,
    required,
    rules: [rulesOf(schema), description].filter(Boolean).join('; '),
  })),
)}
${body === undefined ? '' : fieldTable('Body', fieldsOf(body))}
${answers
  .map(([status, { description, content }]) => {
    const fields = fieldsOf(content?.['application/json']?.schema ?? {});
    const [mediaType = ''] = Object.keys(content ?? {});
    const caption = `${status}: ${description}`;
    return fields.length > 0
      ? fieldTable(caption, fields, 'Always there')
      : `<p><strong>${escapeHtml(caption)}</strong> ${escapeHtml(mediaType)}</p>`;
  })
  .join('')}
<p class="soft">Problems: ${operation['x-problems'].map((code) => `<a href="#${code}">${code}</a>`).join(', ')}</p></article>`;
}

function whoOf({ 'x-who': who, 'x-owns': owns }: Operation): string {
  if (who === 'anyone') return 'Anyone may call it.';
  if (who === 'signature') return 'Only Stripe may call it, by its signature.';
  return `For ${[who].flat().join(', ')}${owns === undefined ? '' : `, whose ${owns} it must be`}.`;
}

function fieldTable(
  caption: string,
  fields: readonly Field[],
  presence: 'Required' | 'Always there' = 'Required',
): string {
  if (fields.length === 0) return '';
  const rows = fields.map(
    ({ path, type, required, rules }) =>
      `<tr><th scope="row"><code>${escapeHtml(path)}</code></th><td>${escapeHtml(type)}</td><td>${required ? 'yes' : 'no'}</td><td>${escapeHtml(rules)}</td></tr>`,
  );
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">${presence}</th><th scope="col">Rules</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function problemsSection(): string {
  const rows = Object.entries(PROBLEMS)
    .toSorted(([left, { status: a }], [right, { status: b }]) => a - b || left.localeCompare(right))
    .map(
      ([code, { status, title }]) =>
        `<tr id="${code}"><th scope="row"><code>${code}</code></th><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
    );
  return `<section aria-labelledby="problems"><h2 id="problems">Problems</h2>
<p>Refusals are <code>application/problem+json</code> (RFC 9457): <code>detail</code> says what to do next, <code>code</code> stays the same for ever, <code>errors</code> lists what is wrong where.</p>
<div class="scroll"><table><caption>All codes</caption><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
