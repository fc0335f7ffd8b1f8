import { CfnOutput, CfnParameter } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  DomainName,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Construct } from 'constructs';

import { CONTEXT_KEYS, OUTPUTS, type Domains, type Stage } from '../stages.ts';
import { acknowledge } from './acknowledge.ts';
import { makeLogGroup } from './log-group.ts';

/**
 * What the access log says of a request: nothing that names a person (invariant I19), so neither address
 * nor URL. Latencies are in milliseconds.
 */
export const ACCESS_LOG = {
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  error: '$context.error.responseType',
};

/**
 * The HTTP API with its one stage: throttled, logged, and, where the stage has domains, reachable only by
 * the name that CloudFront calls it by. It answers no cross-origin requests: the site is of one origin.
 */
export class PublicApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      description: 'Onsale',
      createDefaultStage: false,
      disableExecuteApiEndpoint: stage.domains !== undefined,
    });
    const logs = makeLogGroup(this, 'AccessLog');
    const deployed = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: stage.throttling.ratePerSecond, burstLimit: stage.throttling.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    if (stage.domains !== undefined) this.#name(stage.domains, deployed);
    acknowledge(scope, {
      'AwsSolutions-APIG4':
        'the functions authenticate: a session must be read anyway, and some routes take anonymous callers',
    });
  }

  #name({ api: domainName }: Domains, stage: HttpStage): void {
    const domain = new DomainName(this, 'Domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(
        this,
        'Certificate',
        certificateArn(this, CONTEXT_KEYS.apiCertificate),
      ),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new ApiMapping(this, 'Mapping', { api: this.api, domainName: domain, stage });
    new CfnOutput(this, 'Target', { value: domain.regionalDomainName }).overrideLogicalId(OUTPUTS.apiTarget);
  }
}

/**
 * ARN of a certificate that setup has had issued, from the context of the deployment. Without it the
 * template asks for it as a parameter, so that it can be made, and read, with no account at hand.
 */
export function certificateArn(scope: Construct, contextKey: string): string {
  const given: unknown = scope.node.tryGetContext(contextKey);
  if (typeof given === 'string' && given !== '') return given;
  const parameter = new CfnParameter(scope, 'CertificateArn', {
    description: `Certificate ARN; deploy passes it as context ${contextKey}`,
    allowedPattern: '^arn:aws:acm:.+$',
  });
  return parameter.valueAsString;
}
