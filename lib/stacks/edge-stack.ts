import { CfnOutput, CfnParameter, Duration, Stack, type App } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  SSLMethod,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';

import { ORIGIN_KEY_HEADER } from '../../functions/shared/runtime/origin-header.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { certificateArn } from '../constructs/public-api.ts';
import {
  CONTEXT_KEYS,
  EDGE_PARAMETERS,
  EDGE_REGION,
  OUTPUTS,
  STACK_NAMES,
  type Domains,
  type Stage,
} from '../stages.ts';
import { environmentOf } from './data-stack.ts';

/** The cookie that carries a session; answers to its bearer are that person's alone. */
const SESSION_COOKIE = '__Host-onsale-session';

/**
 * CloudFront in front of the API: TLS 1.3, HTTP/3, and caching of what answers allow to be cached. The name
 * that it calls the API by is public as well, so it proves itself by a secret header; the functions refuse
 * whoever comes without, and believe its word on who the viewer is.
 */
export class EdgeStack extends Stack {
  constructor(app: App, stage: Stage, domains: Domains) {
    super(app, STACK_NAMES.edge, {
      env: { ...environmentOf(stage), region: EDGE_REGION },
      description: 'Onsale: CloudFront in front of the API.',
      tags: { app: 'onsale', stage: stage.name },
    });
    // Nothing is kept unless its answer says so (Cache-Control), and then for no longer than 5 minutes.
    const cachePolicy = new CachePolicy(this, 'AsAnswered', {
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.minutes(5),
      queryStringBehavior: CacheQueryStringBehavior.all(),
      headerBehavior: CacheHeaderBehavior.allowList('Authorization'),
      cookieBehavior: CacheCookieBehavior.allowList(SESSION_COOKIE),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
    // Neither in the template nor to be read from it: CloudFront takes no SecureString, so deploy hands it over.
    const originKey = new CfnParameter(this, EDGE_PARAMETERS.originKey, {
      noEcho: true,
      minLength: 64,
      description: 'Current key of the ring that setup keeps; the functions let in who sends it',
    });
    const distribution = new Distribution(this, 'Distribution', {
      domainNames: [domains.site],
      certificate: Certificate.fromCertificateArn(
        this,
        'Certificate',
        certificateArn(this, CONTEXT_KEYS.siteCertificate),
      ),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_3_2025,
      sslSupportMethod: SSLMethod.SNI,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      comment: `Onsale ${stage.name}`,
      defaultBehavior: {
        origin: new HttpOrigin(domains.api, {
          customHeaders: { [ORIGIN_KEY_HEADER]: originKey.valueAsString },
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          readTimeout: Duration.seconds(30),
        }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        compress: true,
      },
    });
    new CfnOutput(this, OUTPUTS.siteTarget, { value: distribution.distributionDomainName });
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'tickets are sold to anybody, wherever they are',
      'AwsSolutions-CFR2':
        'a web ACL costs $5 a month and more before the first request; the API throttles, and admission is metered',
      'AwsSolutions-CFR3':
        'the API logs every request without addresses; CloudFront would write addresses and URLs down',
    });
  }
}
