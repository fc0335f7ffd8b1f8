import { MINUTE } from '../shared/kernel/clock.ts';
import { problem, ProblemError } from '../shared/kernel/problems.ts';
import { readKey } from '../shared/runtime/secrets.ts';
import type { Table } from '../shared/table/client.ts';
import type { Key } from '../shared/table/keys.ts';
import type { Put } from '../shared/table/writes.ts';
import { decrypt, encrypt, keyWrapping, type KeyWrapping } from './key-wrapping.ts';
import { userKey } from './keys.ts';
import { wrappedKeysOf } from './reads.ts';
import { putPersonKey } from './writes.ts';

/**
 * The one place where what is personal turns into what lies in the table and back: AES-256-GCM under a data
 * key of each person. Destroying that key erases the person wherever their values have been copied to.
 */
export interface PersonalData {
  /**
   * A person without a data key yet, and the write that gives them one: put it into the transaction that
   * keeps what is sealed, so that neither is ever there without the other.
   *
   * @throws SecretUnavailableError when KMS does not answer: nothing has been written then, clients see 503
   */
  newPerson(userId: string): Promise<{ readonly person: Person; readonly keep: Put<PersonKeyTaken> }>;
  /** The person `userId`; without a data key they have been erased, or were last sealed before there were keys. */
  person(userId: string): Promise<Person>;
  /** As {@link person}, for many in few reads. */
  persons(userIds: readonly string[]): Promise<ReadonlyMap<string, Person>>;
}

/** Another request gave the person their data key first: load the person again. */
export interface PersonKeyTaken {
  readonly code: 'PERSON_KEY_TAKEN';
}

/** A person whose values are sealed and opened. */
export interface Person {
  readonly userId: string;
  /** Whether there is a data key to seal under. */
  readonly hasKey: boolean;
  /** Encrypts `text` for `place`: elsewhere, or as another's, it does not open. @throws SecretUnavailableError */
  seal(place: Place, text: string): Promise<string>;
  /** What {@link seal} encrypted. @throws PersonErasedError once the key is gone; Error when it is of another place */
  open(place: Place, sealed: string): Promise<string>;
}

/** The attribute of an item that a sealed value lies in. */
export interface Place {
  readonly key: Key;
  readonly attribute: string;
}

/** The place of an attribute of an account. */
export function inAccount(userId: string, attribute: PersonalField): Place {
  return { key: userKey(userId), attribute };
}

/** The attributes of an account that are sealed; `docs/personal-data.md` says of each what it is for. */
export const PERSONAL_FIELDS = [
  'email',
  'pendingEmail',
  'previousEmail',
  'firstName',
  'lastName',
  'dateOfBirth',
  'phone',
  'address',
] as const;
export type PersonalField = (typeof PERSONAL_FIELDS)[number];

/**
 * The person's data key has been destroyed: what was sealed under it is gone for ever. Who reads their own account at
 * that very moment is answered like everybody whose session has ended, and never with a fault.
 */
export class PersonErasedError extends ProblemError {
  override readonly name = 'PersonErasedError';

  constructor() {
    super(problem('NOT_SIGNED_IN', 'This account is gone.'));
  }
}

/**
 * Part of what each value is authenticated with. A name of ours and not the table's own, which changes when a
 * table is restored from a backup: nothing in the restored table would open.
 */
const LOGICAL_TABLE = 'onsale';

const SCHEME = 'gcm2:';
/** Until there were data keys, all values lay under the secret parameter itself; they are sealed anew when written. */
const SCHEME_WITHOUT_KEYS = 'gcm1:';

/** How personal data is kept in a stage; variables of `personalDataEnv`. */
export interface PersonalDataSettings {
  readonly PERSONAL_DATA_KEY_PARAMETER: string;
  readonly PERSONAL_DATA_KMS_KEY: string;
}

/** Personal data in `table`, under the keys of its stage. */
export function personalDataIn(
  table: Table,
  { PERSONAL_DATA_KEY_PARAMETER: parameter, PERSONAL_DATA_KMS_KEY: kmsKey }: PersonalDataSettings,
  wrapping: KeyWrapping = keyWrapping(kmsKey, parameter),
): PersonalData {
  const keys = new UnwrappedKeys(wrapping);
  const personWith = (userId: string, wrapped: string | undefined): Person => {
    const key = (): Promise<Uint8Array> => {
      if (wrapped === undefined) throw new PersonErasedError();
      return keys.get(userId, wrapped);
    };
    return {
      userId,
      hasKey: wrapped !== undefined,
      seal: async (place, text) => SCHEME + encrypt(await key(), contextOf(place), Buffer.from(text, 'utf8')),
      open: async (place, sealed) => {
        if (sealed.startsWith(SCHEME)) return utf8(decrypt(await key(), contextOf(place), sealed.slice(SCHEME.length)));
        if (!sealed.startsWith(SCHEME_WITHOUT_KEYS)) throw new Error('Personal data sealed by an unknown scheme');
        const context = JSON.stringify([userId, place.attribute]);
        return utf8(decrypt(await readKey(parameter), context, sealed.slice(SCHEME_WITHOUT_KEYS.length)));
      },
    };
  };
  return {
    newPerson: async (userId) => {
      const { key, wrapped } = await wrapping.make(userId);
      keys.remember(userId, wrapped, key);
      const keep = putPersonKey(userId, wrapped, () => ({ code: 'PERSON_KEY_TAKEN' as const }));
      return { person: personWith(userId, wrapped), keep };
    },
    person: async (userId) => personWith(userId, (await wrappedKeysOf(table, [userId])).get(userId)),
    persons: async (userIds) => {
      const wrapped = await wrappedKeysOf(table, userIds);
      return new Map(userIds.map((userId) => [userId, personWith(userId, wrapped.get(userId))]));
    },
  };
}

/** What a value is authenticated with: unambiguous, and the same wherever the item is read from. */
function contextOf({ key: { pk, sk }, attribute }: Place): string {
  return JSON.stringify([LOGICAL_TABLE, pk, sk, attribute]);
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** A handful of pages and a batch of mails need a key again within this time; a memory dump finds no more. */
const KEPT_MS = MINUTE;
const MOST_KEPT = 500;

/**
 * Unwrapped keys by their wrapped form, briefly and few. An erased person's may linger here for a minute,
 * but only who has read the wrapped key from the table can ask for it, and it is no longer there.
 */
class UnwrappedKeys {
  readonly #wrapping: KeyWrapping;
  readonly #kept = new Map<string, { readonly key: Promise<Uint8Array>; readonly until: number }>();

  constructor(wrapping: KeyWrapping) {
    this.#wrapping = wrapping;
  }

  get(userId: string, wrapped: string): Promise<Uint8Array> {
    const name = `${userId} ${wrapped}`;
    const known = this.#kept.get(name);
    if (known !== undefined && known.until > Date.now()) return known.key;
    const key = this.#wrapping.unwrap(userId, wrapped);
    this.#keep(name, key);
    // A failure must not be remembered.
    key.catch(() => this.#kept.delete(name));
    return key;
  }

  remember(userId: string, wrapped: string, key: Uint8Array): void {
    this.#keep(`${userId} ${wrapped}`, Promise.resolve(key));
  }

  /** Oldest first out: a map keeps the order in which its members came. */
  #keep(name: string, key: Promise<Uint8Array>): void {
    this.#kept.delete(name);
    this.#kept.set(name, { key, until: Date.now() + KEPT_MS });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}
