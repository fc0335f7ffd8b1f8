import { HOUR, toTimestamp, type Instant } from '../../functions/shared/kernel/clock.ts';
import { SESSION_PREFIX } from '../../functions/shared/runtime/session.ts';
import type { Findings } from './report.ts';
import type { Row } from './rows.ts';

/** The job that finishes erasures runs every quarter of an hour; longer than this it has not come to one. */
const FINISHED_WITHIN_MS = HOUR;
/** What makes a value sealed, by whichever scheme. */
const SEALED = /^gcm\d+:/;
const PERSON = 'USER#';

/**
 * I19, as far as rows tell: nothing of an anonymised person can be opened, found or used, and whoever is not
 * anonymised has the key that their values are sealed under.
 */
export function auditPersons(rows: readonly Row[], at: Instant, atRest: boolean, findings: Findings): void {
  const byPerson = new Map<string, Row[]>();
  for (const row of rows) {
    const pk = String(row['pk']);
    if (!pk.startsWith(PERSON)) continue;
    const own = byPerson.get(pk);
    if (own === undefined) byPerson.set(pk, [row]);
    else own.push(row);
  }
  const anonymised = new Set<string>();
  const erased = new Set<string>();
  for (const [pk, own] of byPerson) {
    const account = own.find(({ sk }) => sk === 'USER');
    if (account === undefined) continue;
    findings.look('I19');
    const userId = pk.slice(PERSON.length);
    const has = (sk: string): boolean => own.some((row) => row['sk'] === sk);
    if (account['deletedAt'] === undefined) {
      if (String(account['email']).startsWith('gcm2:') && !has('KEY'))
        findings.name('I19', 'KEY_MISSING', userId, 'sealed under a key that is not there');
      continue;
    }
    anonymised.add(userId);
    if (account['erasedAt'] !== undefined) erased.add(userId);
    for (const sk of ['KEY', 'PASSWORD'])
      if (has(sk)) findings.name('I19', 'KEY_LEFT', userId, `anonymised, and ${sk} is there`);
    const sealed = Object.keys(account).filter((name) => SEALED.test(String(account[name])));
    if (sealed.length > 0) findings.name('I19', 'NOT_EMPTIED', userId, `anonymised, and keeps ${sealed.join(', ')}`);
    if (atRest) auditRest(userId, account, own, at, findings);
  }
  for (const row of rows) {
    auditMention(row, anonymised, findings);
    // The job that finishes an erasure takes those of earlier addresses.
    if (row['sk'] === 'MAILBOX' && erased.has(String(row['userId'])))
      findings.name('I19', 'MAILBOX_LEFT', String(row['userId']), 'erased, and a mailbox is known by them');
  }
}

function auditRest(userId: string, account: Row, own: readonly Row[], at: Instant, findings: Findings): void {
  const live = own.filter(
    ({ sk, endedAt, expiresAt }) =>
      String(sk).startsWith(SESSION_PREFIX) && endedAt === undefined && Number(expiresAt) > at,
  );
  if (live.length > 0) findings.name('I19', 'SESSION_LEFT', userId, `anonymised, with ${live.length} live sessions`);
  const { deletedAt, erasedAt } = account;
  if (erasedAt === undefined && Number(deletedAt) < at - FINISHED_WITHIN_MS)
    findings.name('I19', 'ERASURE_LEFT', userId, `begun at ${toTimestamp(Number(deletedAt))} and not finished`);
  const left = own.filter(({ sk }) => sk !== 'USER' && !String(sk).startsWith('TL#'));
  if (erasedAt !== undefined && left.length > 0)
    findings.name('I19', 'ROWS_LEFT', userId, `erased, and ${left.map(({ sk }) => String(sk)).join(', ')} is there`);
}

/** Claims of addresses, posts and the list of admins: what would still lead from somewhere to an anonymised person. */
function auditMention(row: Row, anonymised: ReadonlySet<string>, findings: Findings): void {
  const { pk, sk, userId, members, adminIds } = row;
  if (sk === 'EMAIL' && anonymised.has(String(userId)))
    findings.name('I19', 'ADDRESS_LEFT', String(userId), 'anonymised, and an address is claimed');
  const ids = sk === 'ORG' ? idsOf(members) : sk === 'ADMINS' && Array.isArray(adminIds) ? adminIds.map(String) : [];
  for (const id of ids)
    if (anonymised.has(id)) findings.name('I19', 'POST_LEFT', id, `anonymised, and in ${String(pk)}`);
}

function idsOf(members: unknown): readonly string[] {
  if (!Array.isArray(members)) return [];
  return members.flatMap((member: unknown) =>
    typeof member === 'object' && member !== null && 'userId' in member ? [String(member.userId)] : [],
  );
}
