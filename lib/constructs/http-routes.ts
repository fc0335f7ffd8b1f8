import { Stack } from 'aws-cdk-lib';
import { CfnIntegration, CfnRoute, type HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { routeKey, type Route } from '../../functions/shared/runtime/route.ts';
import type { OnsaleFunction } from './onsale-function.ts';

/** API Gateway's name of the route for whatever no other route matches. */
export const OTHERS = '$default';

/** Attaches routes of contracts to functions: one integration and one invoke permission for each function. */
export class HttpRoutes extends Construct {
  readonly #api: HttpApi;
  readonly #integrations = new Map<OnsaleFunction, CfnIntegration>();

  constructor(scope: Construct, id: string, api: HttpApi) {
    super(scope, id);
    this.#api = api;
  }

  /**
   * `fn` answers `routes`. A permission for each route would outgrow the 20 KB that Lambda allows for a
   * function's policy, so there is one for the whole API.
   */
  serve(fn: OnsaleFunction, routes: readonly Route[]): void {
    const id = fn.node.id;
    const { apiId } = this.#api;
    const integration = new CfnIntegration(this, `${id}Integration`, {
      apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: fn.lambda.functionArn,
      payloadFormatVersion: '2.0',
    });
    this.#integrations.set(fn, integration);
    for (const route of routes) {
      new CfnRoute(this, `${route.id.charAt(0).toUpperCase()}${route.id.slice(1)}`, {
        apiId,
        routeKey: routeKey(route),
        authorizationType: 'NONE',
        operationName: route.id,
        target: `integrations/${integration.ref}`,
      });
    }
    new CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: fn.lambda.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: Stack.of(this).formatArn({ service: 'execute-api', resource: apiId, resourceName: '*/*' }),
    });
  }

  /**
   * `fn` also answers whatever no route matches; without it API Gateway itself would, and not as a problem
   * of RFC 9457.
   * @throws when `fn` serves no routes yet, whose integration and permission this shares
   */
  serveOthers(fn: OnsaleFunction): void {
    const integration = this.#integrations.get(fn);
    if (integration === undefined) throw new Error(`${fn.node.path} serves no routes`);
    new CfnRoute(this, 'Others', {
      apiId: this.#api.apiId,
      routeKey: OTHERS,
      authorizationType: 'NONE',
      target: `integrations/${integration.ref}`,
    });
  }
}
