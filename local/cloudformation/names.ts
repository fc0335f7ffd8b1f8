import { createHash } from 'node:crypto';
import { StartFailure } from '../failure.ts';

/** The one account of the local system (fauxqs knows no other). */
export const ACCOUNT = '000000000000';

/** Where the emulators answer, for the attributes of resources that contain an address. */
export interface Addresses {
  /** Base URL of the main port, without a slash at the end. */
  readonly publicUrl: string;
  /** Base URL of SQS, SNS and S3. */
  readonly awsUrl: string;
}

/** What a resource is called: the name that CloudFormation gave or made, and its ARN. */
export interface Physical {
  readonly name: string;
  readonly arn: string;
}

/** Property that names a resource explicitly, and the longest name that AWS allows for the type. */
const NAMING: Readonly<Record<string, { property: string; longest: number; lower?: true }>> = {
  'AWS::DynamoDB::Table': { property: 'TableName', longest: 255 },
  'AWS::DynamoDB::GlobalTable': { property: 'TableName', longest: 255 },
  'AWS::SQS::Queue': { property: 'QueueName', longest: 75 },
  'AWS::SNS::Topic': { property: 'TopicName', longest: 256 },
  'AWS::S3::Bucket': { property: 'BucketName', longest: 63, lower: true },
  'AWS::Lambda::Function': { property: 'FunctionName', longest: 64 },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', longest: 80 },
  'AWS::Events::Rule': { property: 'Name', longest: 64 },
  'AWS::Scheduler::Schedule': { property: 'Name', longest: 64 },
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', longest: 64 },
  'AWS::IAM::Role': { property: 'RoleName', longest: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', longest: 512 },
  'AWS::SES::EmailIdentity': { property: 'EmailIdentity', longest: 320 },
  'AWS::SES::ConfigurationSet': { property: 'Name', longest: 64 },
};

/**
 * The physical name of a resource. Without an explicit name it is `<stack>-<logicalId>` (AWS adds
 * random letters, we do not), cut with a hash when the type's limit asks for it.
 */
export function physicalName(type: string, stack: string, logicalId: string, explicit: unknown): string {
  const rule = NAMING[type];
  if (typeof explicit === 'string') return explicit;
  const made = rule?.lower === true ? `${stack}-${logicalId}`.toLowerCase() : `${stack}-${logicalId}`;
  const longest = rule?.longest ?? 128;
  if (made.length <= longest) return made;
  return `${made.slice(0, longest - 9)}-${createHash('sha256').update(made).digest('hex').slice(0, 8)}`;
}

/** The property that may name a resource of this type. */
export function namingProperty(type: string): string | undefined {
  return NAMING[type]?.property;
}

/** The ARN of a resource as AWS forms it. */
export function arnOf(type: string, name: string, region: string): string {
  const at = (service: string, rest: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`;
  switch (type) {
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return at('dynamodb', `table/${name}`);
    case 'AWS::SQS::Queue':
      return at('sqs', name);
    case 'AWS::SNS::Topic':
      return at('sns', name);
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::Lambda::Function':
      return at('lambda', `function:${name}`);
    case 'AWS::StepFunctions::StateMachine':
      return at('states', `stateMachine:${name}`);
    case 'AWS::Events::Rule':
      return at('events', `rule/${name}`);
    case 'AWS::Scheduler::Schedule':
      return at('scheduler', `schedule/default/${name}`);
    case 'AWS::KMS::Key':
      return at('kms', `key/${name}`);
    case 'AWS::Logs::LogGroup':
      return at('logs', `log-group:${name}:*`);
    case 'AWS::SES::EmailIdentity':
      return at('ses', `identity/${name}`);
    case 'AWS::IAM::Role':
    case 'AWS::IAM::ManagedPolicy':
      return `arn:aws:iam::${ACCOUNT}:${type === 'AWS::IAM::Role' ? 'role' : 'policy'}/${name}`;
    default: {
      const [, service = 'local', kind = 'resource'] = type.split('::');
      return at(service.toLowerCase(), `${kind.toLowerCase()}/${name}`);
    }
  }
}

/** What `Ref` gives for a resource of this type. */
export function refOf(type: string, { name, arn }: Physical, addresses: Addresses): string {
  switch (type) {
    case 'AWS::SQS::Queue':
      return queueUrl(name, addresses);
    case 'AWS::SNS::Topic':
    case 'AWS::StepFunctions::StateMachine':
    case 'AWS::IAM::ManagedPolicy':
    case 'AWS::CertificateManager::Certificate':
      return arn;
    default:
      return name;
  }
}

/** URL of a queue as its clients address it. */
export function queueUrl(name: string, addresses: Addresses): string {
  return `${addresses.awsUrl}/${ACCOUNT}/${name}`;
}

/** What `Fn::GetAtt` gives; an attribute that this page does not know stops the start by name. */
export function attributeOf(
  type: string,
  attribute: string,
  physical: Physical,
  addresses: Addresses,
  where: string,
): string {
  const { name, arn } = physical;
  switch (attribute) {
    case 'Arn':
    case 'TopicArn':
    case 'StateMachineArn':
      return arn;
    case 'QueueName':
    case 'TopicName':
    case 'Name':
    case 'KeyId':
    case 'ApiId':
    case 'RoleId':
    case 'Id':
      return name;
    case 'QueueUrl':
      return queueUrl(name, addresses);
    case 'StreamArn':
      return `${arn}/stream/local`;
    case 'ApiEndpoint':
      return addresses.publicUrl;
    case 'DomainName':
    case 'RegionalDomainName':
    case 'DualStackDomainName':
    case 'RegionalHostedZoneId':
    case 'DistributionDomainName':
      return type === 'AWS::S3::Bucket' ? `${name}.s3.local` : new URL(addresses.publicUrl).host;
    default:
      // Attributes of a type without local meaning only ever flow into other such types or outputs.
      if (type.startsWith('AWS::SES::') || type.startsWith('AWS::Route53::') || type.startsWith('AWS::CloudFront::')) {
        return `local-${attribute}`;
      }
      throw new StartFailure(`${where}: the local runtime does not know the attribute ${attribute} of ${type}.`);
  }
}
