import { shortHash } from './hash.ts';

/** Header in which buyers send the access code that opens hidden ticket types to them. */
export const ACCESS_CODE_HEADER = 'x-access-code';

/**
 * What is kept of an access code: a hash that tells nothing to who reads the table, its timelines or a backup. Codes
 * are told apart by neither case nor width of letters, nor by spaces around them, since people type them from paper.
 * Not a slow hash: it is worked out for whoever reads an event, and a code opens a sale, not an account.
 *
 * @param ticketTypeId what the code opens, so that equal codes of two types look different
 */
export function accessHash(ticketTypeId: string, code: string): string {
  return shortHash(`access-code ${ticketTypeId} ${code.normalize('NFKC').trim().toLowerCase()}`);
}

/** Whether a ticket type may be seen and bought by who sent `code`, or none. */
export function opensTo(
  {
    ticketTypeId,
    codesOf = ticketTypeId,
    hidden,
    accessHashes = [],
  }: {
    readonly ticketTypeId: string;
    /** The ticket type that the codes were first given to, where this one is a copy of it. */
    readonly codesOf?: string | undefined;
    readonly hidden?: boolean | undefined;
    readonly accessHashes?: readonly string[] | undefined;
  },
  code: string | undefined,
): boolean {
  return hidden !== true || (code !== undefined && accessHashes.includes(accessHash(codesOf, code)));
}
