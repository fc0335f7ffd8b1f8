let common: Promise<ReadonlySet<string>> | undefined;

/**
 * Some fifty thousand passwords that were found most often in breaches, in lower case. Loaded when somebody first sets a
 * password: the list is half a megabyte, which no other request is to wait for.
 */
export function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']));
  return common;
}
