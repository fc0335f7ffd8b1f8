import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerDrawing, answerPicture } from '../answers.ts';
import { showPlan } from '../app/show-plan.ts';
import * as contract from '../contract.ts';

const table = openTable(readEnv(contract.seatsEnv).TABLE_NAME);

export const handler = httpFunction({ table }, [
  serve(contract.getPlanGeometry, async ({ params, headers }) =>
    answerDrawing(await showPlan(table, params.planId), headers),
  ),
  serve(contract.getPlanPicture, async ({ params, headers }) =>
    answerPicture(await showPlan(table, params.planId), headers),
  ),
]);
