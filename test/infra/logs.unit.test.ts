import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { STAGE_NAMES } from '../../lib/stages.ts';
import { synthesised, textOf } from './synthesised.ts';

describe.each(STAGE_NAMES)('logs of %s', (name) => {
  const stage = synthesised(name);

  it('are kept for 30 days, every group', () => {
    const groups = stage.resources('AWS::Logs::LogGroup');
    expect(groups.length).toBeGreaterThan(10);
    for (const { logicalId, properties } of groups)
      expect({ logicalId, days: properties['RetentionInDays'] }).toEqual({ logicalId, days: 30 });
  });

  it('go to those groups and to none that AWS makes by itself, which would be kept for ever', () => {
    const groups = new Set(stage.resources('AWS::Logs::LogGroup').map(({ logicalId }) => logicalId));
    const functions = stage.resources('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { logicalId, properties } of functions) {
      const target = z.safeParse(z.object({ LogGroup: z.object({ Ref: z.string() }) }), properties['LoggingConfig']);
      expect(target.success && groups.has(target.data.LogGroup.Ref), logicalId).toBe(true);
    }
    for (const { logicalId, properties } of stage.resources('AWS::StepFunctions::StateMachine')) {
      const target = textOf(properties['LoggingConfiguration']);
      expect(
        [...groups].some((group) => target.includes(`"${group}"`)),
        logicalId,
      ).toBe(true);
    }
  });

  it('of access say route, status, latency and request, and neither address nor URL', () => {
    const [deployed] = stage.resources('AWS::ApiGatewayV2::Stage');
    const settings = z.object({ Format: z.string() }).parse(deployed?.properties['AccessLogSettings']);
    const said = z.record(z.string(), z.string()).parse(JSON.parse(settings.Format));
    expect(Object.values(said).toSorted()).toEqual([
      '$context.error.responseType',
      '$context.integrationLatency',
      '$context.requestId',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});
