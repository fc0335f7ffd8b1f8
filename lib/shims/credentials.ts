/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the functions' bundles. Lambda hands credentials
 * over in the environment, for as long as the environment lives; the SDK's own chain would bring along
 * clients for single sign-on, STS and instance metadata, a fifth of a bundle.
 */

/** The credentials of an AWS client, as the SDK's providers give them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The provider that clients use when they are not given one. */
export function defaultProvider(): () => Promise<Credentials> {
  return () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      return Promise.reject(new Error('The environment holds no AWS credentials'));
    }
    return Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
  };
}
