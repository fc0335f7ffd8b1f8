import * as z from 'zod/mini';

import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';

const adminsRow = z.object({ adminIds: z.array(z.string()) });

/** Everybody who is an admin. */
export type Admins = z.infer<typeof adminsRow> & Marked & Item;

/** Reads an item as the list of admins. @throws when it is none */
export function parseAdmins(item: Item): Admins {
  return { ...marked(item), ...z.parse(adminsRow, item) };
}

/** A change of who is an admin. */
export interface AdminChange {
  readonly userId: string;
  /** Whether the account says that the person is one. */
  readonly was: boolean;
  readonly becomes: boolean;
  /** Who makes the change. */
  readonly actorId: string;
}

/**
 * The admins after a change.
 *
 * @param before undefined while no list was ever made: then whoever makes the change counts as the one admin
 * @returns undefined where the list stays as it is; LAST_ADMIN where nobody would be left
 */
export function adminsWith(
  before: Pick<Admins, 'adminIds'> | undefined,
  { userId, was, becomes, actorId }: AdminChange,
): Result<readonly string[] | undefined, Problem> {
  if (!was && !becomes) return ok(undefined);
  const others = (before?.adminIds ?? [actorId]).filter((each) => each !== userId);
  if (!becomes && others.length === 0) return err(lastAdmin());
  if (before?.adminIds.includes(userId) === becomes) return ok(undefined);
  return ok(becomes ? [...others, userId] : others);
}

/** Somebody must be left who can give roles. */
export function lastAdmin(): Problem {
  return problem('LAST_ADMIN', 'Make somebody else an admin first: one must be left.');
}
