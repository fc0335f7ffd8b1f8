import { readEnv } from '../../shared/runtime/env.ts';
import { objectFunction } from '../../shared/runtime/objects.ts';
import { openTable } from '../../shared/table/client.ts';
import { takeUpload } from '../app/take-upload.ts';
import { makePicturesEnv } from '../image-routes.ts';
import { s3Objects } from '../pictures/store.ts';

const env = readEnv(makePicturesEnv);
const studio = { table: openTable(env.TABLE_NAME), objects: s3Objects(env.PICTURES_BUCKET) };

export const handler = objectFunction('make-pictures', (key, occasion) => takeUpload(studio, key, occasion));
