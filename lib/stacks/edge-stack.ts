import { CfnOutput, CfnParameter, Duration, Stack, type App } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  OriginSslPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  SSLMethod,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';

import { ORIGIN_KEY_HEADER } from '../../functions/shared/runtime/origin-header.ts';
import { SECURITY_HEADERS } from '../../functions/shared/runtime/security-headers.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { certificateArn } from '../constructs/public-api.ts';
import { webAclOf } from '../constructs/web-acl.ts';
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

/**
 * Headers of viewers that the functions read, besides those that CloudFront sends on by itself. AWS's managed policies
 * that leave `Host` out add no header of CloudFront's own, so the address would be missing, or what a viewer writes;
 * those that add them send the viewer's `Host`, which API Gateway does not know. Ten is CloudFront's quota (more on request).
 */
export const FORWARDED_HEADERS = [
  'CloudFront-Viewer-Address',
  'Content-Encoding',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Sec-Fetch-Site',
  'Stripe-Signature',
  'X-Request-Id',
  'X-XSRF-TOKEN',
];

/** Headers that tell answers apart, hence part of the cache's key, and sent on as well. */
export const KEYED_HEADERS = [
  'Authorization',
  'Origin',
  'X-Access-Code',
  'X-Api-Key',
  'X-End-Customer',
  'X-Export-Passphrase',
  'X-Guest-Token',
];

/** Security headers that CloudFront has no setting of its own for. */
const CUSTOM_HEADERS = ['permissions-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy'] as const;

/** Where everything is read by anybody and never changes: pictures of events, drawings of seating plans. */
export const NEVER_CHANGING = ['/api/images/*', '/api/seating-plans/*'] as const;

/** The cookies that carry sessions, of persons and anonymous ones; answers to their bearer are that somebody's alone. */
const SESSION_COOKIES = ['__Host-onsale-session', '__Host-onsale-guest'];

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
      headerBehavior: CacheHeaderBehavior.allowList(...KEYED_HEADERS),
      cookieBehavior: CacheCookieBehavior.allowList(...SESSION_COOKIES),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
    // By an address that means one content for ever: of it the answers need not be kept apart.
    const forever = new CachePolicy(this, 'Forever', {
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
    // Neither in the template nor to be read from it: CloudFront takes no SecureString, so deploy hands it over.
    const originKey = new CfnParameter(this, EDGE_PARAMETERS.originKey, {
      noEcho: true,
      minLength: 64,
      description: 'Current key of the ring that setup keeps; the functions let in who sends it',
    });
    const behaviour = {
      origin: new HttpOrigin(domains.api, {
        customHeaders: { [ORIGIN_KEY_HEADER]: originKey.valueAsString },
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        readTimeout: Duration.seconds(30),
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      originRequestPolicy: new OriginRequestPolicy(this, 'Forwarded', {
        headerBehavior: OriginRequestHeaderBehavior.allowList(...FORWARDED_HEADERS),
        cookieBehavior: OriginRequestCookieBehavior.all(),
        queryStringBehavior: OriginRequestQueryStringBehavior.all(),
      }),
      responseHeadersPolicy: this.#securityHeaders(),
      compress: true,
    };
    const acl = String(this.node.tryGetContext(CONTEXT_KEYS.waf)) === 'true' ? webAclOf(this) : undefined;
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
      ...(acl === undefined ? {} : { webAclId: acl.attrArn }),
      defaultBehavior: { ...behaviour, allowedMethods: AllowedMethods.ALLOW_ALL, cachePolicy },
      additionalBehaviors: Object.fromEntries(
        NEVER_CHANGING.map((path) => [
          path,
          { ...behaviour, allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS, cachePolicy: forever },
        ]),
      ),
    });
    new CfnOutput(this, OUTPUTS.siteTarget, { value: distribution.distributionDomainName });
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'tickets are sold to anybody, wherever they are',
      ...(acl === undefined
        ? { 'AwsSolutions-CFR2': 'a web ACL costs $7 a month before the first request: by context -c waf=true' }
        : {}),
      'AwsSolutions-CFR3':
        'the API logs every request without addresses; CloudFront would write addresses and URLs down',
    });
  }

  /**
   * What answers carry that no function has made: CloudFront's own, and those of API Gateway. What a function has
   * said stands, since it knows what is in its answer.
   */
  #securityHeaders(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'SecurityHeaders', {
      comment: 'Security headers where the functions have not set them',
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: SECURITY_HEADERS['content-security-policy'],
          override: false,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(730),
          includeSubdomains: true,
          override: true,
        },
      },
      customHeadersBehavior: {
        customHeaders: CUSTOM_HEADERS.map((header) => ({ header, value: SECURITY_HEADERS[header], override: false })),
      },
    });
  }
}
