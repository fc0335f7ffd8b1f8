import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/**
 * Requests of one address in five minutes. A household or an office behind one address buys too, so it is far above
 * what a person sends: limits per account and session are the functions' own.
 */
const REQUESTS_PER_ADDRESS = 3_000;

/** Rules of AWS's common set that requests of ours break rightly: seating plans are larger than 8 KB. */
const COUNTED_ONLY = ['SizeRestrictions_BODY'];

/**
 * A web ACL for CloudFront, for the stage that wants one: a limit by address, and AWS's common rules against known
 * attacks. It has to stand in us-east-1. What it costs is in docs/cost.md.
 */
export function webAclOf(scope: Construct): CfnWebACL {
  const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
    cloudWatchMetricsEnabled: true,
    metricName,
    // Samples hold addresses, URLs and headers.
    sampledRequestsEnabled: false,
  });
  return new CfnWebACL(scope, 'WebAcl', {
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: visible('OnsaleWebAcl'),
    rules: [
      {
        name: 'RequestsOfOneAddress',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: REQUESTS_PER_ADDRESS } },
        visibilityConfig: visible('OnsaleRequestsOfOneAddress'),
      },
      {
        name: 'CommonRules',
        priority: 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: 'AWS',
            name: 'AWSManagedRulesCommonRuleSet',
            ruleActionOverrides: COUNTED_ONLY.map((name) => ({ name, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visible('OnsaleCommonRules'),
      },
    ],
  });
}
