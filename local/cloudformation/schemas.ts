import * as z from 'zod';

/**
 * The resource types that the local runtime implements, each with the properties that it honours and,
 * with their reasons, those that mean nothing on one machine. The objects are strict: a property that
 * is in neither group stops the start by name, so that a template never runs here with a setting that
 * is silently dropped.
 */

/** A property that is accepted without effect; the reason is for the reader of this file. */
const without = (reason: string) => z.unknown().optional().describe(reason);

const ENCRYPTION = "encryption at rest is AWS's";
const TAGS = 'tags have no behaviour';
const TEXT = 'description only';
const CAPACITY = 'DynamoDB Local has no capacity';
const TRACING = 'there is no X-Ray here';

const whole = z.coerce.number().int();
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.string().optional(),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
  ProvisionedThroughput: without(CAPACITY),
  OnDemandThroughput: without(CAPACITY),
  WarmThroughput: without(CAPACITY),
  ContributorInsightsSpecification: without('diagnostics of AWS'),
  WriteProvisionedThroughputSettings: without(CAPACITY),
  WriteOnDemandThroughputSettings: without(CAPACITY),
});

const tableCore = {
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z.array(index).optional(),
  LocalSecondaryIndexes: z.array(index).optional(),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.string(), ResourcePolicy: without('one account') })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
  BillingMode: without(CAPACITY),
  SSESpecification: without(ENCRYPTION),
  WarmThroughput: without(CAPACITY),
  Tags: without(TAGS),
};

export const Table = z.strictObject({
  ...tableCore,
  ProvisionedThroughput: without(CAPACITY),
  OnDemandThroughput: without(CAPACITY),
  PointInTimeRecoverySpecification: without("backups are AWS's; --fresh is the only way to lose data"),
  DeletionProtectionEnabled: without('nothing deletes a table here'),
  TableClass: without('a price class'),
  ContributorInsightsSpecification: without('diagnostics of AWS'),
});

export const GlobalTable = z.strictObject({
  ...tableCore,
  Replicas: z.array(z.looseObject({ Region: z.string() })).max(1, 'one region only'),
  WriteProvisionedThroughputSettings: without(CAPACITY),
  WriteOnDemandThroughputSettings: without(CAPACITY),
});

export const Queue = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: whole.optional(),
  MessageRetentionPeriod: whole.optional(),
  DelaySeconds: whole.optional(),
  MaximumMessageSize: whole.optional(),
  ReceiveMessageWaitTimeSeconds: whole.optional(),
  FifoQueue: flag.optional(),
  ContentBasedDeduplication: flag.optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: whole }).optional(),
  RedriveAllowPolicy: without('one account'),
  DeduplicationScope: without('fauxqs has one scope, the queue'),
  FifoThroughputLimit: without('no such limit here'),
  KmsMasterKeyId: without(ENCRYPTION),
  KmsDataKeyReusePeriodSeconds: without(ENCRYPTION),
  SqsManagedSseEnabled: without(ENCRYPTION),
  Tags: without(TAGS),
});

export const Topic = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: without(TEXT),
  KmsMasterKeyId: without(ENCRYPTION),
  Tags: without(TAGS),
});

export const Subscription = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RawMessageDelivery: flag.optional(),
  FilterPolicy: z.unknown().optional(),
  FilterPolicyScope: z.string().optional(),
  Region: without('one region'),
});

export const Bucket = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: without(ENCRYPTION),
  PublicAccessBlockConfiguration: without('nothing here is public'),
  VersioningConfiguration: without('fauxqs keeps one version'),
  LifecycleConfiguration: without('nothing here ages for days'),
  OwnershipControls: without('one account'),
  AccessControl: without('one account'),
  LoggingConfiguration: without("access logs are AWS's"),
  CorsConfiguration: without('buckets here answer every origin that asks them directly'),
  NotificationConfiguration: z
    .strictObject({
      QueueConfigurations: z
        .array(z.strictObject({ Event: z.literal('s3:ObjectCreated:*'), Queue: z.string() }))
        .default([]),
      EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: flag }).optional(),
    })
    .optional(),
  Tags: without(TAGS),
});

export const Function_ = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs/, 'only Node.js runs here'),
  Role: z.string(),
  MemorySize: whole.default(128),
  Timeout: whole.default(3),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).optional(),
  ReservedConcurrentExecutions: whole.optional(),
  Architectures: without("the machine's own"),
  Description: without(TEXT),
  EphemeralStorage: without("the machine's /tmp"),
  KmsKeyArn: without(ENCRYPTION),
  Layers: without('the runtime serves the Parameters and Secrets extension itself; other layers are not loaded'),
  LoggingConfig: without('logs go to .onsale/logs'),
  RuntimeManagementConfig: without('the installed Node'),
  RecursiveLoop: without('no loop detection here'),
  SnapStart: without('a start-up optimisation of AWS'),
  Tags: without(TAGS),
  TracingConfig: without(TRACING),
});

export const EventSourceMapping = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: flag.default(true),
  BatchSize: whole.optional(),
  MaximumBatchingWindowInSeconds: whole.default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: whole.optional() }).optional(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
  BisectBatchOnFunctionError: flag.default(false),
  MaximumRetryAttempts: whole.default(-1),
  MaximumRecordAgeInSeconds: whole.default(-1),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() }).optional(),
  ParallelizationFactor: without('a shard is read in order, one batch at a time, which every factor allows'),
  MetricsConfig: without('metrics of AWS'),
  KmsKeyArn: without(ENCRYPTION),
  Tags: without(TAGS),
});

export const EventInvokeConfig = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumRetryAttempts: whole.default(2),
  MaximumEventAgeInSeconds: whole.default(21_600),
  DestinationConfig: z
    .strictObject({
      OnFailure: z.strictObject({ Destination: z.string() }).optional(),
      OnSuccess: z.strictObject({ Destination: z.string() }).optional(),
    })
    .optional(),
});

export const Permission = z.strictObject({
  FunctionName: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: without('one account'),
});

export const Version = z.strictObject({
  FunctionName: z.string(),
  Description: without(TEXT),
  CodeSha256: without(TEXT),
});
export const Alias = z.strictObject({
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  Name: z.string(),
  Description: without(TEXT),
  ProvisionedConcurrencyConfig: without('workers start on demand'),
});

export const StateMachine = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.enum(['STANDARD', 'EXPRESS']).default('STANDARD'),
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.strictObject({ Bucket: z.string(), Key: z.string() }).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
  RoleArn: z.string(),
  LoggingConfiguration: without('GetExecutionHistory has the events'),
  TracingConfiguration: without(TRACING),
  EncryptionConfiguration: without(ENCRYPTION),
  Tags: without(TAGS),
});

export const Schedule = z.strictObject({
  Name: z.string().optional(),
  GroupName: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  StartDate: z.string().optional(),
  EndDate: z.string().optional(),
  FlexibleTimeWindow: z.strictObject({
    Mode: z.string(),
    MaximumWindowInMinutes: without('a flexible schedule fires at the start of its window'),
  }),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: z
      .strictObject({ MaximumRetryAttempts: whole.optional(), MaximumEventAgeInSeconds: whole.optional() })
      .optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
    SqsParameters: z.strictObject({ MessageGroupId: z.string().optional() }).optional(),
  }),
  Description: without(TEXT),
  KmsKeyArn: without(ENCRYPTION),
});

export const Rule = z.strictObject({
  Name: z.string().optional(),
  Description: without(TEXT),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  EventPattern: z.record(z.string(), z.unknown()),
  Targets: z.array(
    z.strictObject({
      Id: z.string(),
      Arn: z.string(),
      InputTransformer: z
        .strictObject({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() })
        .optional(),
    }),
  ),
});

export const MailEvents = z.strictObject({
  ConfigurationSetName: z.string(),
  EventDestination: z.strictObject({
    Name: z.string().optional(),
    Enabled: flag.default(false),
    MatchingEventTypes: z.array(z.string()),
    EventBridgeDestination: z.strictObject({ EventBusArn: z.string().endsWith(':event-bus/default') }),
  }),
});

export const Api = z.strictObject({
  Name: z.string(),
  ProtocolType: z.literal('HTTP'),
  CorsConfiguration: z
    .strictObject({
      AllowOrigins: z.array(z.string()).default([]),
      AllowMethods: z.array(z.string()).default([]),
      AllowHeaders: z.array(z.string()).default([]),
      ExposeHeaders: z.array(z.string()).default([]),
      AllowCredentials: flag.default(false),
      MaxAge: whole.optional(),
    })
    .optional(),
  DisableExecuteApiEndpoint: without('the main port stands for the custom domain'),
  Description: without(TEXT),
  IpAddressType: without('loopback only'),
  Tags: without(TAGS),
});

export const Integration = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  IntegrationMethod: without('Lambda is always invoked by POST'),
  TimeoutInMillis: whole.max(30_000).default(30_000),
  Description: without(TEXT),
});

export const Route = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.literal('NONE').default('NONE'),
  OperationName: without(TEXT),
});

const throttle = z.strictObject({
  ThrottlingBurstLimit: whole.optional(),
  ThrottlingRateLimit: z.coerce.number().optional(),
  DetailedMetricsEnabled: without('metrics of AWS'),
});
export const Stage = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  DefaultRouteSettings: throttle.optional(),
  RouteSettings: z.record(z.string(), throttle).default({}),
  AutoDeploy: without('always deployed'),
  DeploymentId: without('always deployed'),
  AccessLogSettings: without("the access log is AWS's"),
  Description: without(TEXT),
  Tags: without(TAGS),
});

export const Key = z.strictObject({
  KeySpec: z.enum(['SYMMETRIC_DEFAULT', 'ECC_NIST_P256', 'ECC_NIST_EDWARDS25519']).default('SYMMETRIC_DEFAULT'),
  KeyUsage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY']).default('ENCRYPT_DECRYPT'),
  Enabled: z.literal(true).optional(),
  KeyPolicy: without("access is judged by the roles' policies"),
  EnableKeyRotation: without('one key version here'),
  RotationPeriodInDays: without('one key version here'),
  PendingWindowInDays: without('keys are not deleted here'),
  MultiRegion: without('one region'),
  Description: without(TEXT),
  Tags: without(TAGS),
});
export const KeyAlias = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

const policy = z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown() });
export const Role = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: without('each principal here has its own role by construction'),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(policy).default([]),
  PermissionsBoundary: without("boundaries only narrow, and are the account's"),
  MaxSessionDuration: without('credentials here do not expire'),
  Path: without('a name space'),
  Description: without(TEXT),
  Tags: without(TAGS),
});
export const Policy = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
});
export const ManagedPolicy = z.strictObject({
  ManagedPolicyName: z.string().optional(),
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
  Path: without('a name space'),
  Description: without(TEXT),
});

/** Schema of the properties of each implemented type. */
export const IMPLEMENTED = {
  'AWS::DynamoDB::Table': Table,
  'AWS::DynamoDB::GlobalTable': GlobalTable,
  'AWS::SQS::Queue': Queue,
  'AWS::SNS::Topic': Topic,
  'AWS::SNS::Subscription': Subscription,
  'AWS::S3::Bucket': Bucket,
  'AWS::Lambda::Function': Function_,
  'AWS::Lambda::EventSourceMapping': EventSourceMapping,
  'AWS::Lambda::EventInvokeConfig': EventInvokeConfig,
  'AWS::Lambda::Permission': Permission,
  'AWS::Lambda::Version': Version,
  'AWS::Lambda::Alias': Alias,
  'AWS::StepFunctions::StateMachine': StateMachine,
  'AWS::Events::Rule': Rule,
  'AWS::SES::ConfigurationSetEventDestination': MailEvents,
  'AWS::Scheduler::Schedule': Schedule,
  'AWS::ApiGatewayV2::Api': Api,
  'AWS::ApiGatewayV2::Integration': Integration,
  'AWS::ApiGatewayV2::Route': Route,
  'AWS::ApiGatewayV2::Stage': Stage,
  'AWS::KMS::Key': Key,
  'AWS::KMS::Alias': KeyAlias,
  'AWS::IAM::Role': Role,
  'AWS::IAM::Policy': Policy,
  'AWS::IAM::ManagedPolicy': ManagedPolicy,
} as const;

/** Name of an implemented resource type. */
export type ImplementedType = keyof typeof IMPLEMENTED;
