import { ulid } from 'ulid';

import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { EventRecord } from '../domain/event.ts';
import { pictureKey, planUpload, replacedKey, uploadKey } from '../domain/images.ts';
import type { ObjectStore, UploadAddress, UploadTerms } from '../pictures/store.ts';
import { changeEvent } from './change-event.ts';

/** Where to upload a picture. */
export interface Upload {
  readonly imageId: string;
  readonly upload: {
    readonly method: 'PUT';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly expiresAt: string;
  };
}

/** Says where an organizer may upload a picture of an event. A later one takes the place of one that has not come. */
export async function uploadImage(
  { table, sign }: { readonly table: Table; readonly sign: (terms: UploadTerms) => Promise<UploadAddress> },
  event: EventRecord,
  file: { readonly contentType: string; readonly bytes: number },
  occasion: Occasion,
): Promise<Result<Upload, Problem>> {
  const imageId = ulid(occasion.now);
  const changed = await changeEvent(table, { event }, occasion, (current) =>
    planUpload(current, imageId, occasion.now),
  );
  if (!changed.ok) return changed;
  const key = uploadKey(event.eventId, imageId);
  const { url, headers, withinSeconds } = await sign({ key, mediaType: file.contentType, bytes: file.bytes });
  const expiresAt = toTimestamp(occasion.now + withinSeconds * 1_000);
  return ok({ imageId, upload: { method: 'PUT', url, headers, expiresAt } });
}

/** A picture, as bytes. @param file such as `640.webp` */
export async function showImage(
  pictures: Pick<ObjectStore, 'read'>,
  { imageId, file }: { readonly imageId: string; readonly file: string },
): Promise<Result<Uint8Array, Problem>> {
  // In this order: a picture that is replaced lies under its other name before it goes from the first.
  const bytes = (await pictures.read(pictureKey(imageId, file))) ?? (await pictures.read(replacedKey(imageId, file)));
  return bytes === undefined ? err(problem('IMAGE_NOT_FOUND', 'There is no such picture.')) : ok(bytes);
}
