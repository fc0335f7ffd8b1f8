import type * as z from 'zod/mini';

import type { Actor } from '../../shared/table/aggregate.ts';
import type { causedBy } from '../contract.ts';

/** Machines among the actors: a word alone, or with the name of a job or workflow. Ids of people are upper case. */
const MACHINE = /^[a-z]+(?::.*)?$/;

/** Who caused a change, as the person `userId` may know it: ids of other people are not theirs to have. */
export function actorFor(userId: string, by: Actor): z.infer<typeof causedBy> {
  if (by === userId) return 'person';
  return MACHINE.test(by) ? 'system' : 'other';
}
