import { ok } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { EventDetails } from '../domain/event.ts';
import { filesOf, pictureKey, planImage, replacedKey, uploadOf, type UploadOutcome } from '../domain/images.ts';
import { makePictures } from '../pictures/make-pictures.ts';
import type { ObjectStore } from '../pictures/store.ts';
import { findEvent } from '../reads.ts';
import { changeEvent } from './change-event.ts';

/** Events, and the bucket that uploads come from and pictures go to. */
export interface Studio {
  readonly table: Table;
  readonly objects: ObjectStore;
}

/**
 * Makes the pictures of an upload that has arrived, and shows them with its event. May run twice or late: pictures are
 * written under names of their own before the event names them, and an upload that nobody waits for is dropped.
 */
export async function takeUpload(
  { table, objects }: Studio,
  key: string,
  occasion: Occasion,
): Promise<'READY' | 'REFUSED' | 'DROPPED'> {
  const ids = uploadOf(key);
  const event = ids === undefined ? undefined : await findEvent(table, ids.eventId);
  const bytes = await objects.read(key);
  if (ids === undefined || event?.imageUpload?.imageId !== ids.imageId || bytes === undefined) {
    await objects.remove(key);
    return 'DROPPED';
  }
  const made = await makePictures(bytes);
  if (made.ok) {
    for (const { width, type, bytes: content } of made.value.pictures)
      await objects.write(pictureKey(ids.imageId, `${width}.${type}`), content, mediaTypeOf(type));
  }
  const outcome: UploadOutcome = made.ok
    ? { image: { width: made.value.width, height: made.value.height, widths: [...made.value.widths] } }
    : { reason: made.error };
  const changed = await changeEvent(table, { event }, occasion, (current) =>
    ok(planImage(current, ids.imageId, outcome, occasion.now)),
  );
  // An event that was deleted meanwhile needs no picture.
  if (!changed.ok && changed.error.code !== 'EVENT_NOT_FOUND') throw new Error(changed.error.code);
  if (changed.ok && changed.value.formerImage !== undefined) await putAside(objects, changed.value.formerImage);
  // Last of all, so that a try that died is made anew.
  await objects.remove(key);
  return made.ok ? 'READY' : 'REFUSED';
}

/**
 * Puts the pictures of an image aside that another has taken the place of. Pages, mails and caches that still name them
 * find them there until the bucket deletes them, a time that counts from now (see the lifecycle of its bucket).
 */
async function putAside(objects: ObjectStore, image: NonNullable<EventDetails['image']>): Promise<void> {
  for (const file of filesOf(image)) {
    const bytes = await objects.read(pictureKey(image.imageId, file));
    if (bytes === undefined) continue;
    await objects.write(replacedKey(image.imageId, file), bytes, mediaTypeOf(file));
    await objects.remove(pictureKey(image.imageId, file));
  }
}

function mediaTypeOf(file: string): string {
  return file.endsWith('webp') ? 'image/webp' : 'image/jpeg';
}
