import * as z from 'zod/mini';

import { sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';
import { id, whole } from './fields.ts';

/** Bytes of an upload: what phones and cameras make fits in. */
export const MOST_UPLOAD_BYTES = 10 * 1_024 * 1_024;

export const uploadImage = route({
  id: 'uploadImage',
  method: 'POST',
  path: '/api/events/{eventId}/image',
  summary: 'Where to upload a picture of an event; it is checked and shown a moment after it has arrived',
  access: { who: ['organizer'], owns: 'event' },
  params: z.strictObject({ eventId: id }),
  body: z.strictObject({
    contentType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
    /** Length of the file; the bucket takes no other. */
    bytes: whole(1, MOST_UPLOAD_BYTES),
  }),
  responses: {
    201: z.object({
      imageId: id,
      upload: z.object({
        method: z.literal('PUT'),
        url: z.string(),
        /** To be sent with the file as they are. */
        headers: z.record(z.string(), z.string()),
        expiresAt: z.iso.datetime(),
      }),
    }),
  },
  problems: ['EVENT_NOT_EDITABLE'],
});

export const getImage = route({
  id: 'getImage',
  method: 'GET',
  path: '/api/images/{imageId}/{file}',
  summary: 'A picture of an event in one of its sizes; it never changes',
  access: { who: 'anyone' },
  params: z.strictObject({ imageId: id, file: z.string().check(z.regex(/^[1-9]\d{2,3}\.(?:webp|jpg)$/)) }),
  responses: { 200: null },
  produces: 'image/*',
  problems: ['IMAGE_NOT_FOUND'],
});

export const pictureRoutes = [uploadImage, getImage] as const;

/** What the routes of pictures need. */
export const picturesEnv = z.extend(sessionEnv, {
  PICTURES_BUCKET: z.string(),
});

/** What the function that makes pictures needs. */
export const makePicturesEnv = z.extend(tableEnv, { PICTURES_BUCKET: z.string() });
