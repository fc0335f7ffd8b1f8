import * as z from 'zod';

const Fault = z.object({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** An error answered by DynamoDB; `name` is its short name, like `ResourceNotFoundException`. */
export class DynamoDbError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * DynamoDB's JSON protocol without an SDK (which would cost the start 200 ms). DynamoDB Local checks
 * that a signature is there, not that it is right.
 */
export class DynamoDbApi {
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Calls an operation, like `DynamoDB_20120810.CreateTable`, and returns its JSON answer. */
  async call(target: string, input: unknown): Promise<unknown> {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization:
          'AWS4-HMAC-SHA256 Credential=onsale/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(input),
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    const fault = Fault.parse(body);
    const name = fault.__type?.split('#').at(-1) ?? `Http${response.status}`;
    throw new DynamoDbError(name, fault.message ?? fault.Message ?? name);
  }
}
