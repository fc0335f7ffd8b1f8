import { forgetDocumentsOf } from '../../delivery/kept-documents.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { s3Objects } from '../../shared/runtime/object-store.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/erasure.ts';
import { finishErasures, repeatErasures } from '../app/finish-erasures.ts';
import { finishErasuresEnv, idsToRepeat } from '../contract.ts';
import { s3Register } from '../s3-register.ts';

const env = readEnv(finishErasuresEnv);
const table = openTable(env.TABLE_NAME);
const addresses = { personalData: personalDataIn(table, env), emailIndexKey: env.EMAIL_INDEX_KEY_PARAMETER };
const store = s3Objects(env.DOCUMENTS_BUCKET);
const documents = { forget: (userId: string) => forgetDocumentsOf(store, userId) };
const deps = { table, addresses, register: s3Register(env.ERASURES_BUCKET), documents };

/** Started by its schedule, or with `userIds` by `npm run erasures:repeat` after a restore. */
export const handler = scheduledFunction('finish-erasures', (occasion, event) => {
  const userIds = idsToRepeat(event);
  return userIds === undefined ? finishErasures(deps, occasion) : repeatErasures(deps, userIds, occasion);
});
