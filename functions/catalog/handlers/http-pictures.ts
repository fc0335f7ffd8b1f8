import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serve } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerPicture } from '../answers.ts';
import { showImage, uploadImage } from '../app/upload-image.ts';
import { ownedEvents } from '../owned.ts';
import * as routes from '../image-routes.ts';
import { s3Objects, s3Uploads } from '../pictures/store.ts';

const env = readEnv(routes.picturesEnv);
const table = openTable(env.TABLE_NAME);
const sign = s3Uploads(env.PICTURES_BUCKET);
const pictures = s3Objects(env.PICTURES_BUCKET);

/** Where organizers upload pictures of their events, and where everybody sees them. */
export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(routes.uploadImage, ownedEvents(table), async ({ body, occasion }, event) => {
    const begun = await uploadImage({ table, sign }, event, body, occasion);
    return begun.ok ? ok({ status: 201, body: begun.value }) : begun;
  }),
  serve(routes.getImage, async ({ params }) => answerPicture(await showImage(pictures, params), params.file)),
]);
