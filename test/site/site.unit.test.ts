import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { problemsOf, routeKey } from '../../functions/shared/runtime/route.ts';
import { allRoutes, routesByContext } from '../../functions/site/all-routes.ts';
import { fieldsOf } from '../../functions/site/domain/fields.ts';
import type { JsonSchema } from '../../functions/site/domain/json-schema.ts';
import { openApiOf, type OpenApi } from '../../functions/site/domain/openapi.ts';
import { handler } from '../../functions/site/handlers/http-site.ts';
import { call } from '../support/http.ts';

describe('the routes', () => {
  it('have one name and one place each', () => {
    expect(new Set(allRoutes.map(({ id }) => id)).size).toBe(allRoutes.length);
    expect(new Set(allRoutes.map(routeKey)).size).toBe(allRoutes.length);
  });

  it('declare exactly the parameters that their path has', () => {
    for (const { operationId, path, parameters } of operations(openApiOf(routesByContext))) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        operationId,
      ).toEqual(inPath);
      expect(
        parameters.filter((parameter) => parameter.in === 'path').every(({ required }) => required),
        operationId,
      ).toBe(true);
    }
  });
});

describe('GET /api/health', () => {
  it('says ok and no more, to anyone', async () => {
    const answer = await call(handler, { route: 'GET /api/health' });
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.json).toEqual({ status: 'ok' });
  });
});

describe('GET /api/openapi.json', () => {
  it('describes every route: what it takes, what it answers, every problem, who may call', async () => {
    const { status, json } = await call(handler, { route: 'GET /api/openapi.json' });
    expect(status).toBe(200);
    const document = openApiOf(routesByContext);
    expect(json, 'what is served is what is checked here').toEqual(JSON.parse(JSON.stringify(document)));
    expect(document.openapi).toBe('3.1.0');
    const described = new Map(operations(document).map((operation) => [operation.operationId, operation]));
    expect([...described.keys()].toSorted()).toEqual(allRoutes.map(({ id }) => id).toSorted());

    for (const route of allRoutes) {
      const operation = described.get(route.id);
      const statuses = new Set([
        ...Object.keys(route.responses),
        ...problemsOf(route).map((code) => String(PROBLEMS[code].status)),
      ]);
      expect(new Set(Object.keys(operation?.responses ?? {})), route.id).toEqual(statuses);
      for (const code of problemsOf(route)) {
        expect(JSON.stringify(operation?.responses[PROBLEMS[code].status]), `${route.id} ${code}`).toContain(
          `"${code}"`,
        );
      }
      expect(operation?.requestBody !== undefined, route.id).toBe(route.body !== undefined || route.rawBody === true);
      const mustSignIn = !(operation?.security ?? []).some((requirement) => Object.keys(requirement).length === 0);
      expect(mustSignIn, route.id).toBe(route.access.who !== 'anyone');
    }
  });

  it('says that unknown fields are refused, and leaves answers open for more', () => {
    const create = operations(openApiOf(routesByContext)).find(({ operationId }) => operationId === 'createEvent');
    expect(create?.requestBody?.content['application/json']?.schema.additionalProperties).toBe(false);
    expect(JSON.stringify(create?.responses['201'])).not.toContain('additionalProperties');
    expect(create?.parameters.map(({ name }) => name)).toEqual(['Idempotency-Key']);
    const handOut = operations(openApiOf(routesByContext)).find(({ operationId }) => operationId === 'exportUser');
    expect(handOut?.parameters.find(({ name }) => name === 'X-Export-Passphrase')).toMatchObject({ in: 'header' });
  });

  it('refers to nothing that it does not define', () => {
    const document = openApiOf(routesByContext);
    const text = JSON.stringify(document);
    expect(new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref))).toEqual(
      new Set(['#/components/schemas/Problem']),
    );
    const schemes = new Set(
      operations(document).flatMap(({ security }) => security.flatMap((requirement) => Object.keys(requirement))),
    );
    expect(Object.keys(document.components['securitySchemes'] ?? {})).toEqual(expect.arrayContaining([...schemes]));
  });
});

describe('GET /api/docs', () => {
  it('is one file that loads nothing, under a policy that allows just its style', async () => {
    const { status, headers, text } = await call(handler, { route: 'GET /api/docs' });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).not.toMatch(/<script|<link|<img|<iframe|style="|url\(|@import/);
  });

  it('explains every problem where problems point to, and every route', async () => {
    const { text } = await call(handler, { route: 'GET /api/docs' });
    for (const code of Object.keys(PROBLEMS)) expect(text).toContain(`id="${code}"`);
    for (const { method, path } of allRoutes) expect(text).toContain(`<code>${method} ${path}</code>`);
    const anchors = [...text.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(expect.arrayContaining([...new Set(anchors)]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('can be read without eyes or mouse: language, landmarks, one heading of the first rank, captions', async () => {
    const { text } = await call(handler, { route: 'GET /api/docs' });
    expect(text).toContain('<html lang="en">');
    for (const landmark of ['<header>', '<nav aria-label=', '<main id="content">', 'href="#content"'])
      expect(text).toContain(landmark);
    expect(text.match(/<h1[ >]/g)).toHaveLength(1);
    expect(text.match(/<table>/g)?.length).toBe(text.match(/<caption>/g)?.length);
  });
});

it('lists nested fields by their path, with limits in words', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        minItems: 1,
        maxItems: 10,
        items: { type: 'object', properties: { quantity: { type: 'integer', minimum: 1, maximum: 60 } } },
      },
      endsAt: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    },
  };
  expect(fieldsOf(schema)).toEqual([
    { path: 'items', type: 'list of object', required: true, rules: '1 to 10 items' },
    { path: 'items[].quantity', type: 'integer', required: false, rules: '1 to 60' },
    { path: 'endsAt', type: 'time or null', required: false, rules: '' },
  ]);
});

function operations(document: OpenApi): readonly (OpenApi['paths'][string][string] & { readonly path: string })[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ ...operation, path })),
  );
}
