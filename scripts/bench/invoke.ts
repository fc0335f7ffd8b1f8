import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

/** A request as API Gateway hands it over. */
export interface HttpCall {
  /** `POST /api/reservations`. */
  readonly route: string;
  /** Without it nobody is signed in. */
  readonly token?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** An answer with its JSON parsed. */
export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

let requests = 0;

/** The event of payload format 2.0 for `call`. */
export function httpEvent({ route, token, query, body }: HttpCall): APIGatewayProxyEventV2 {
  const [method = 'GET', path = '/'] = route.split(' ');
  requests += 1;
  return {
    version: '2.0',
    routeKey: route,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    ...(query === undefined ? {} : { queryStringParameters: { ...query } }),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: `bench-${requests}`,
      routeKey: route,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  };
}

/** What handlers need of a Lambda context. */
export function lambdaContext(): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'bench',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench',
    memoryLimitInMB: '512',
    awsRequestId: 'bench',
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => 30_000,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

/** Sends `call` through `handler`. */
export async function callHandler(handler: HttpHandler, call: HttpCall): Promise<HttpAnswer> {
  const { statusCode = 0, body = '' } = await handler(httpEvent(call), lambdaContext());
  return { status: statusCode, json: body === '' ? undefined : JSON.parse(body) };
}
