import { describe, expect, it } from 'vitest';
import { parseTemplate, type Stack } from '../../local/cloudformation/assembly.ts';
import { Model } from '../../local/cloudformation/model.ts';
import { Queue } from '../../local/cloudformation/schemas.ts';
import { parsePatterns, passes } from '../../local/events/filters.ts';
import { parseStatements, RolePolicies } from '../../local/iam/policies.ts';
import { prepareDefinition } from '../../local/services/asl.ts';

const addresses = { publicUrl: 'http://127.0.0.1:3000', awsUrl: 'http://127.0.0.1:4566' };

function modelOf(...templates: object[]): Model {
  const stacks = templates.map((template, index): Stack => {
    const name = `S${index}`;
    return { name, region: undefined, assets: new Map(), template: parseTemplate(name, JSON.stringify(template)) };
  });
  return new Model(stacks, { region: 'eu-central-1', addresses, parameters: { PublicUrl: addresses.publicUrl } });
}

const queue = (Properties: object) => ({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties } } });

describe('a template that the runtime does not know is refused by name', () => {
  it.each([
    ['a resource type', { Resources: { X: { Type: 'AWS::Kinesis::Stream' } } }, 'S0/X', 'AWS::Kinesis::Stream'],
    ['a property', queue({ Colour: 'red' }), 'S0/Q', 'Colour'],
    [
      'a nested property',
      queue({ RedrivePolicy: { deadLetterTargetArn: 'a', maxReceiveCount: 1, Nice: 1 } }),
      'S0/Q',
      'RedrivePolicy.Nice',
    ],
    ['a value', queue({ VisibilityTimeout: 'soon' }), 'S0/Q', 'VisibilityTimeout'],
    ['an intrinsic', queue({ QueueName: { 'Fn::Cidr': ['x'] } }), 'S0/Q.QueueName', 'Fn::Cidr'],
    ['a reference', queue({ QueueName: { Ref: 'Nobody' } }), 'S0/Q.QueueName', 'Nobody'],
    ['an attribute', queue({ QueueName: { 'Fn::GetAtt': ['Q2', 'Colour'] } }), 'S0/Q.QueueName', 'Q2'],
    ['an import', queue({ QueueName: { 'Fn::ImportValue': 'Missing' } }), 'S0/Q.QueueName', 'Missing'],
    ['a dynamic reference', queue({ QueueName: '{{resolve:ssm:/x}}' }), 'S0/Q.QueueName', '{{resolve:ssm:/x}}'],
    ['a section', { Resources: {}, Transform: 'AWS::Serverless' }, 'S0', 'Transform'],
    ['a resource attribute', { Resources: { Q: { Type: 'AWS::SQS::Queue', UpdatePolicy: {} } } }, 'S0', 'UpdatePolicy'],
  ])('%s', (_what, template, where, name) => {
    expect(() => modelOf(template)).toThrow(expect.objectContaining({ name: 'StartFailure' }));
    expect(() => modelOf(template)).toThrow(where);
    expect(() => modelOf(template)).toThrow(name);
  });

  it('a field of a policy statement, or a condition', () => {
    const statement = { Effect: 'Allow', Action: 'a:B', Resource: '*' };
    expect(() => parseStatements({ Statement: [{ ...statement, NotAction: 'a:C' }] }, 'P')).toThrow('NotAction');
    expect(() =>
      parseStatements({ Statement: [{ ...statement, Condition: { Bool: { 'aws:X': 'true' } } }] }, 'P'),
    ).toThrow('Bool aws:X');
  });

  it('what the state machine interpreter would ignore', () => {
    const machine = (state: object, more: object = {}) =>
      JSON.stringify({ StartAt: 'A', States: { A: state }, ...more });
    expect(() =>
      prepareDefinition(machine({ Type: 'Pass', End: true }, { QueryLanguage: 'JSONata' }), {}, 'M'),
    ).toThrow('QueryLanguage');
    expect(() => prepareDefinition(machine({ Type: 'Pass', Assign: {}, End: true }), {}, 'M')).toThrow('Assign');
    expect(() =>
      prepareDefinition(machine({ Type: 'Task', Resource: 'arn:aws:states:::sns:publish' }), {}, 'M'),
    ).toThrow('sns:publish');
    expect(() => prepareDefinition('{"a":"${Missing}"}', {}, 'M')).toThrow('Missing');
  });
});

describe('intrinsics', () => {
  it('resolves what CDK writes, across stacks', () => {
    const producer = {
      Resources: { Dead: { Type: 'AWS::SQS::Queue' } },
      Outputs: { DeadArn: { Value: { 'Fn::GetAtt': ['Dead', 'Arn'] }, Export: { Name: 'S0:DeadArn' } } },
    };
    const consumer = {
      Parameters: { PublicUrl: { Type: 'String', Default: 'https://x' }, Size: { Type: 'Number', Default: 30 } },
      Mappings: { Names: { local: { queue: 'mapped' } } },
      Conditions: { Local: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] } },
      Resources: {
        Q: {
          Type: 'AWS::SQS::Queue',
          Condition: 'Local',
          Properties: {
            QueueName: {
              'Fn::Join': [
                '-',
                [
                  { 'Fn::FindInMap': ['Names', 'local', 'queue'] },
                  { 'Fn::Select': ['2', { 'Fn::Split': ['/', { Ref: 'PublicUrl' }] }] },
                ],
              ],
            },
            VisibilityTimeout: { Ref: 'Size' },
            DelaySeconds: { 'Fn::If': ['Local', '5', { Ref: 'AWS::NoValue' }] },
            MessageRetentionPeriod: { 'Fn::If': ['Local', { Ref: 'AWS::NoValue' }, 60] },
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::ImportValue': 'S0:DeadArn' }, maxReceiveCount: 3 },
          },
        },
        Never: { Type: 'AWS::SQS::Queue', Condition: 'Never' },
      },
      Outputs: { Text: { Value: { 'Fn::Sub': ['${Q.Arn} ${AWS::AccountId} ${Own} ${!Kept}', { Own: 'own' }] } } },
    };
    const conditions = { ...consumer.Conditions, Never: { 'Fn::And': [{ Condition: 'Local' }, false] } };
    const model = modelOf(producer, { ...consumer, Conditions: conditions });
    expect(model.of('AWS::SQS::Queue', Queue).find(({ logicalId }) => logicalId === 'Q')?.properties).toEqual({
      QueueName: 'mapped-127.0.0.1:3000',
      VisibilityTimeout: 30,
      DelaySeconds: 5,
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:S0-Dead', maxReceiveCount: 3 },
    });
    expect(model.of('AWS::SQS::Queue', Queue).map(({ logicalId }) => logicalId)).toEqual(['Dead', 'Q']);
    expect(model.output('Text')).toBe(
      'arn:aws:sqs:eu-central-1:000000000000:mapped-127.0.0.1:3000 000000000000 own ${Kept}',
    );
  });

  it('gives a role the statements of its inline and attached policies', () => {
    const document = (Action: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: ['r1', 'r2'] }],
    });
    const model = modelOf({
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {},
            Policies: [{ PolicyName: 'i', PolicyDocument: document('a:Inline') }],
          },
        },
        Policy: {
          Type: 'AWS::IAM::Policy',
          Properties: { PolicyName: 'p', PolicyDocument: document('a:Attached'), Roles: [{ Ref: 'Role' }] },
        },
      },
    });
    expect(
      new RolePolicies(model).of('arn:aws:iam::000000000000:role/S0-Role').flatMap(({ actions }) => actions),
    ).toEqual(['a:Inline', 'a:Attached']);
  });
});

describe('event filters', () => {
  const event = {
    eventName: 'INSERT',
    dynamodb: { NewImage: { ev: { S: 'orders.OrderPaid.v1' }, n: { N: '3' } } },
    body: { price: 12, tags: ['a', 'b'] },
  };
  const matching = (pattern: object) => passes(parsePatterns([JSON.stringify(pattern)], 'F'), event);

  it.each([
    [{ eventName: ['INSERT', 'MODIFY'] }, true],
    [{ eventName: ['REMOVE'] }, false],
    [{ dynamodb: { NewImage: { ev: { S: [{ exists: true }] } } } }, true],
    [{ dynamodb: { NewImage: { ev: [{ exists: true }] } } }, false],
    [{ dynamodb: { NewImage: { gone: { S: [{ exists: false }] } } } }, true],
    [{ dynamodb: { NewImage: { ev: { S: [{ prefix: 'orders.' }] } } } }, true],
    [{ dynamodb: { NewImage: { ev: { S: [{ suffix: '.v2' }] } } } }, false],
    [{ dynamodb: { NewImage: { ev: { S: [{ 'anything-but': ['x', 'y'] }] } } } }, true],
    [{ dynamodb: { NewImage: { ev: { S: [{ 'anything-but': { prefix: 'orders' } }] } } } }, false],
    [{ dynamodb: { NewImage: { ev: { S: [{ 'equals-ignore-case': 'ORDERS.orderpaid.V1' }] } } } }, true],
    [{ body: { price: [{ numeric: ['>', 10, '<=', 12] }] } }, true],
    [{ body: { price: [{ numeric: ['=', 13] }] } }, false],
    [{ body: { tags: ['b'] } }, true],
    [{ $or: [{ eventName: ['REMOVE'] }, { body: { price: [12] } }] }, true],
  ])('%j passes: %s', (pattern, expected) => {
    expect(matching(pattern)).toBe(expected);
  });

  it('refuses an operator that it does not know', () => {
    expect(() => parsePatterns(['{"a":[{"cidr":"10.0.0.0/8"}]}'], 'F')).toThrow('cidr');
  });
});
