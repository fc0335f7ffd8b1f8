import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import * as z from 'zod';
import type { Model } from '../cloudformation/model.ts';
import { Key, KeyAlias } from '../cloudformation/schemas.ts';
import type { PrivateFile } from './private-file.ts';

/** An error as KMS names it. */
export class KmsError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface KeyMaterial {
  readonly name: string;
  readonly arn: string;
  readonly spec: z.output<typeof Key>['KeySpec'];
  readonly secret: string;
}

const ALGORITHM = { ECC_NIST_P256: 'ECDSA_SHA_256', ECC_NIST_EDWARDS25519: 'ED25519_SHA_512' } as const;

const KeyId = z.object({ KeyId: z.string() });
const Context = z.record(z.string(), z.string()).default({});
const DataKeyInput = KeyId.extend({
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  NumberOfBytes: z.number().int().min(1).max(1_024).optional(),
  EncryptionContext: Context,
});
const EncryptInput = KeyId.extend({ Plaintext: z.string(), EncryptionContext: Context });
const DecryptInput = z.object({ CiphertextBlob: z.string(), KeyId: z.string().optional(), EncryptionContext: Context });
const SignInput = KeyId.extend({
  Message: z.string(),
  MessageType: z.literal('RAW').default('RAW'),
  SigningAlgorithm: z.string(),
});
const VerifyInput = SignInput.extend({ Signature: z.string() });

/**
 * KMS for the keys of the templates, on node:crypto: AES-256-GCM, ECDSA P-256 and Ed25519. The key
 * material is made at first use and never leaves the state directory.
 */
export class Kms {
  readonly #keys: readonly KeyMaterial[];
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(model: Model, store: PrivateFile) {
    this.#keys = model.of('AWS::KMS::Key', Key).map(({ name, arn, properties: { KeySpec: spec } }) => ({
      name,
      arn,
      spec,
      secret: store.get(name, () => makeSecret(spec)),
    }));
    this.#aliases = new Map(
      model.of('AWS::KMS::Alias', KeyAlias).map(({ properties }) => [properties.AliasName, properties.TargetKeyId]),
    );
  }

  /** ARNs of the templates' keys. */
  get arns(): readonly string[] {
    return this.#keys.map(({ arn }) => arn);
  }

  /** The operation of KMS's JSON protocol with that name; bytes are Base64. */
  call(operation: string, body: unknown): object {
    switch (operation) {
      case 'GenerateDataKey':
      case 'GenerateDataKeyWithoutPlaintext': {
        const { KeyId: id, KeySpec, NumberOfBytes, EncryptionContext } = DataKeyInput.parse(body);
        const key = this.#symmetric(id);
        const plain = randomBytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32));
        const sealed = { CiphertextBlob: encrypt(key, plain, EncryptionContext), KeyId: key.arn };
        return operation === 'GenerateDataKey' ? { ...sealed, Plaintext: plain.toString('base64') } : sealed;
      }
      case 'Encrypt': {
        const { KeyId: id, Plaintext, EncryptionContext } = EncryptInput.parse(body);
        const key = this.#symmetric(id);
        return { CiphertextBlob: encrypt(key, Buffer.from(Plaintext, 'base64'), EncryptionContext), KeyId: key.arn };
      }
      case 'Decrypt':
        return this.#decrypt(DecryptInput.parse(body));
      case 'Sign': {
        const { KeyId: id, Message, SigningAlgorithm } = SignInput.parse(body);
        const { key, privateKey } = this.#signing(id, SigningAlgorithm);
        const signature = sign(digestOf(key.spec), Buffer.from(Message, 'base64'), privateKey);
        return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm };
      }
      case 'Verify': {
        const { KeyId: id, Message, Signature, SigningAlgorithm } = VerifyInput.parse(body);
        const { key, privateKey } = this.#signing(id, SigningAlgorithm);
        const valid = verify(
          digestOf(key.spec),
          Buffer.from(Message, 'base64'),
          createPublicKey(privateKey),
          Buffer.from(Signature, 'base64'),
        );
        if (!valid) throw new KmsError('KMSInvalidSignatureException', 'the signature does not match');
        return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm };
      }
      case 'GetPublicKey': {
        const { key, privateKey } = this.#signing(KeyId.parse(body).KeyId, undefined);
        const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
        const algorithms = key.spec === 'SYMMETRIC_DEFAULT' ? [] : [ALGORITHM[key.spec]];
        return {
          KeyId: key.arn,
          PublicKey: der.toString('base64'),
          KeySpec: key.spec,
          KeyUsage: 'SIGN_VERIFY',
          SigningAlgorithms: algorithms,
        };
      }
      default:
        throw new KmsError('UnsupportedOperationException', `the local runtime does not know ${operation} of KMS`);
    }
  }

  #find(id: string): KeyMaterial {
    const name = this.#aliases.get(id.startsWith('arn:') ? (id.split(':').at(-1) ?? '') : id) ?? id;
    const key = this.#keys.find((each) => each.arn === name || each.name === name);
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${id}' does not exist`);
    return key;
  }

  #symmetric(id: string): KeyMaterial {
    const key = this.#find(id);
    if (key.spec === 'SYMMETRIC_DEFAULT') return key;
    throw new KmsError('InvalidKeyUsageException', `${key.arn} is a key for signing`);
  }

  #signing(id: string, algorithm: string | undefined): { key: KeyMaterial; privateKey: KeyObject } {
    const key = this.#find(id);
    if (key.spec === 'SYMMETRIC_DEFAULT')
      throw new KmsError('InvalidKeyUsageException', `${key.arn} is a key for encryption`);
    if (algorithm !== undefined && algorithm !== ALGORITHM[key.spec]) {
      throw new KmsError('InvalidKeyUsageException', `${key.arn} does not sign with ${algorithm}`);
    }
    return { key, privateKey: createPrivateKey(key.secret) };
  }

  #decrypt({ CiphertextBlob, KeyId: expected, EncryptionContext }: z.output<typeof DecryptInput>): object {
    const blob = Buffer.from(CiphertextBlob, 'base64');
    const nameEnd = 1 + (blob[0] ?? 0);
    const key = this.#symmetric(blob.subarray(1, nameEnd).toString());
    if (expected !== undefined && this.#find(expected).arn !== key.arn) {
      throw new KmsError('IncorrectKeyException', 'the ciphertext is of another key');
    }
    try {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        Buffer.from(key.secret, 'base64'),
        blob.subarray(nameEnd, nameEnd + 12),
      );
      decipher.setAAD(aad(EncryptionContext));
      decipher.setAuthTag(blob.subarray(nameEnd + 12, nameEnd + 28));
      const plain = Buffer.concat([decipher.update(blob.subarray(nameEnd + 28)), decipher.final()]);
      return { KeyId: key.arn, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    } catch {
      throw new KmsError('InvalidCiphertextException', 'the ciphertext or its encryption context is not right');
    }
  }
}

/** Our ciphertext: length of the key's name, name, nonce (12 bytes), tag (16), encrypted bytes. */
function encrypt(key: KeyMaterial, plain: Buffer, context: Record<string, string>): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.secret, 'base64'), nonce);
  cipher.setAAD(aad(context));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const name = Buffer.from(key.name);
  return Buffer.concat([Buffer.from([name.length]), name, nonce, cipher.getAuthTag(), encrypted]).toString('base64');
}

function aad(context: Record<string, string>): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).toSorted(([a], [b]) => a.localeCompare(b))));
}

function digestOf(spec: KeyMaterial['spec']): 'sha256' | null {
  return spec === 'ECC_NIST_P256' ? 'sha256' : null;
}

function makeSecret(spec: KeyMaterial['spec']): string {
  switch (spec) {
    case 'SYMMETRIC_DEFAULT':
      return randomBytes(32).toString('base64');
    case 'ECC_NIST_P256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
    case 'ECC_NIST_EDWARDS25519':
      return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
}
