import { describe, expect, it } from 'vitest';

import { synthesised, textOf } from './synthesised.ts';

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

function variablesOf(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { Environment: environment } = properties as { readonly Environment?: { readonly Variables?: object } };
  return { ...environment?.Variables };
}
