import { Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * An AWS service when it acts for our account, not for somebody else's who names our resource (the
 * "confused deputy" of the IAM user guide).
 *
 * @param service such as `states.amazonaws.com`
 */
export function ownService(scope: IConstruct, service: string): ServicePrincipal {
  return new ServicePrincipal(service, {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}
