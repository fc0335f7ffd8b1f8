import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { ORIGIN_KEY_HEADER } from '../../functions/shared/runtime/origin-header.ts';
import { SECURITY_HEADERS } from '../../functions/shared/runtime/security-headers.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { sourceFiles } from '../architecture/imports.ts';
import { synthesised, textOf } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('a stage behind CloudFront', () => {
  const prod = synthesised('prod');

  it('sends the origin key from a parameter that nobody can read back', () => {
    expect(prod.template('edge').findParameters('OriginKey')).toMatchObject({
      OriginKey: { Type: 'String', NoEcho: true, MinLength: 64 },
    });
    const [distribution] = prod.resources('AWS::CloudFront::Distribution');
    expect(distribution?.properties).toMatchObject({
      DistributionConfig: {
        Origins: [{ OriginCustomHeaders: [{ HeaderName: 'x-onsale-origin', HeaderValue: { Ref: 'OriginKey' } }] }],
      },
    });
  });

  it('stands where its certificate has to be', () => {
    expect(prod.stacks.edge?.region).toBe('us-east-1');
  });

  it('is asked for by every function that a route leads to, Stripe’s webhook included', () => {
    const served = prod
      .resources('AWS::Lambda::Function')
      .filter(({ properties }) => 'ORIGIN_KEYS_PARAMETER' in variablesOf(properties));
    const integrations = prod.resources('AWS::ApiGatewayV2::Integration');
    expect(integrations.length).toBeGreaterThan(5);
    expect(served).toHaveLength(integrations.length);
    for (const { properties } of served) {
      expect(variablesOf(properties)['ORIGIN_KEYS_PARAMETER']).toBe('/onsale/prod/origin-keys');
    }
    const answering = new Set(served.map(({ logicalId }) => logicalId));
    for (const { properties } of integrations) {
      expect([...answering].some((id) => textOf(properties['IntegrationUri']).includes(id))).toBe(true);
    }
  });

  it('is absent locally, where the functions let everybody in who reaches them', () => {
    const local = synthesised('local');
    for (const { properties } of local.resources('AWS::Lambda::Function')) {
      expect(variablesOf(properties)['ORIGIN_KEYS_PARAMETER'] ?? '').toBe('');
    }
  });
});

describe('what CloudFront sends on', () => {
  const prod = synthesised('prod');
  const listOf = (type: string, config: string): readonly string[] => {
    const [policy] = prod.resources(type);
    const text = textOf(policy?.properties[config]);
    const found = /"Headers":(?:\{"Items":)?(\[[^\]]*\])/.exec(text)?.[1] ?? '[]';
    return z.array(z.string()).parse(JSON.parse(found));
  };
  const forwarded = listOf('AWS::CloudFront::OriginRequestPolicy', 'OriginRequestPolicyConfig');
  const keyed = listOf('AWS::CloudFront::CachePolicy', 'CachePolicyConfig');

  it('includes the address of the viewer as CloudFront knows it, and not the viewer’s Host', () => {
    expect(forwarded).toContain('CloudFront-Viewer-Address');
    expect([...forwarded, ...keyed].map((name) => name.toLowerCase())).not.toContain('host');
    const [policy] = prod.resources('AWS::CloudFront::OriginRequestPolicy');
    expect(policy?.properties).toMatchObject({
      OriginRequestPolicyConfig: {
        CookiesConfig: { CookieBehavior: 'all' },
        QueryStringsConfig: { QueryStringBehavior: 'all' },
        HeadersConfig: { HeaderBehavior: 'whitelist' },
      },
    });
    const [distribution] = prod.resources('AWS::CloudFront::Distribution');
    expect(distribution?.properties).toMatchObject({
      DistributionConfig: {
        DefaultCacheBehavior: { OriginRequestPolicyId: { Ref: policy?.logicalId } },
      },
    });
  });

  it('includes every header that a function reads, within the ten that each policy may list', () => {
    expect(forwarded.length).toBeLessThanOrEqual(10);
    expect(keyed.length).toBeLessThanOrEqual(10);
    const reads = sourceFiles(ROOT)
      .filter((file) => file.startsWith('functions/'))
      .flatMap((file) => headersReadIn(readFileSync(join(ROOT, file), 'utf8')));
    const declared = allRoutes.flatMap(({ headers = {} }) => Object.keys(headers).map((name) => name.toLowerCase()));
    expect(new Set(reads).size).toBeGreaterThan(8);
    const sent = new Set([...forwarded, ...keyed].map((name) => name.toLowerCase()));
    // CloudFront writes these two itself: what it accepts, and its own proof.
    for (const own of ['accept-encoding', ORIGIN_KEY_HEADER]) sent.add(own);
    expect([...new Set([...reads, ...declared])].filter((name) => !sent.has(name))).toEqual([]);
  });

  it('a planted header that is read is found', () => {
    expect(headersReadIn("const a = headers['x-new'];")).toEqual(['x-new']);
    expect(headersReadIn("const { 'x-other': b, 'x-third': c } = event.headers;")).toEqual(['x-other', 'x-third']);
  });

  it('back has the security headers, also on answers that no function has made', () => {
    const [policy] = prod.resources('AWS::CloudFront::ResponseHeadersPolicy');
    expect(policy?.properties).toMatchObject({
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: {
            ContentSecurityPolicy: SECURITY_HEADERS['content-security-policy'],
            // A page or a picture says what its own is.
            Override: false,
          },
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY' },
          ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true },
        },
      },
    });
    const text = textOf(policy?.properties);
    for (const name of Object.keys(SECURITY_HEADERS).filter((each) => /^(?:permissions|cross-origin)-/.test(each)))
      expect(text).toContain(name);
    const [distribution] = prod.resources('AWS::CloudFront::Distribution');
    expect(distribution?.properties).toMatchObject({
      DistributionConfig: { DefaultCacheBehavior: { ResponseHeadersPolicyId: { Ref: policy?.logicalId } } },
    });
  });
});

/** Names of request headers that a source text reads, in lower case; those of an answer are not sent to us. */
function headersReadIn(text: string): readonly string[] {
  const indexed = [...text.matchAll(/(?<!\banswer\.)\bheaders\??\.?\['([\w-]+)'\]/g)].map(([, name = '']) => name);
  const taken = [...text.matchAll(/\{([^{}]*)\} = [\w.]*headers\b/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name),
  );
  return [...indexed, ...taken];
}

describe('a web ACL', () => {
  it('is not there unless it is asked for: it costs before the first request', () => {
    for (const stage of ['local', 'dev', 'prod'] as const)
      expect(synthesised(stage).resources('AWS::WAFv2::WebACL')).toEqual([]);
  });

  it('by context stands before the site: a limit for each address, and AWS’s common rules', () => {
    const protectedStage = synthesised('prod', { waf: 'true' });
    const [acl, ...more] = protectedStage.resources('AWS::WAFv2::WebACL');
    expect(more).toEqual([]);
    expect(acl?.properties).toMatchObject({
      Scope: 'CLOUDFRONT',
      DefaultAction: { Allow: {} },
      Rules: [
        {
          Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 3_000 } },
        },
        {
          Statement: {
            ManagedRuleGroupStatement: {
              VendorName: 'AWS',
              Name: 'AWSManagedRulesCommonRuleSet',
              RuleActionOverrides: [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }],
            },
          },
        },
      ],
    });
    expect(textOf(acl?.properties)).not.toContain('"SampledRequestsEnabled":true');
    const [distribution] = protectedStage.resources('AWS::CloudFront::Distribution');
    expect(textOf(distribution?.properties['DistributionConfig'])).toContain(acl?.logicalId);
    expect(protectedStage.stacks.edge?.region).toBe('us-east-1');
  });
});

function variablesOf(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { Environment: environment } = properties as { readonly Environment?: { readonly Variables?: object } };
  return { ...environment?.Variables };
}
