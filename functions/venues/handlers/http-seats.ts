import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerDrawing, answerPicture, answerSeats } from '../answers.ts';
import { showPlan } from '../app/show-plan.ts';
import { SeatsDisplay } from '../app/show-seats.ts';
import * as contract from '../contract.ts';
import { seatSourcesOn } from '../seat-sources.ts';

const table = openTable(readEnv(contract.seatsEnv).TABLE_NAME);
const display = new SeatsDisplay(seatSourcesOn(table));

export const handler = httpFunction({ table }, [
  serve(contract.getPlanGeometry, async ({ params, headers }) =>
    answerDrawing(await showPlan(table, params.planId), headers),
  ),
  serve(contract.getPlanPicture, async ({ params, headers }) =>
    answerPicture(await showPlan(table, params.planId), headers),
  ),
  serve(contract.getEventSeats, async ({ params, query, headers, now }) =>
    answerSeats(await display.show(params.eventId, now), query.since, headers),
  ),
]);
