import { MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventEdited } from '../events.ts';
import { notEditable, type Decision, type Unchanged } from './editing.ts';
import type { EventDetails } from './event.ts';
import { isEditable } from './lifecycle.ts';

/** Where an upload lies until it is looked at; both ids are in its name, so nothing else has to be looked up. */
export function uploadKey(eventId: string, imageId: string): string {
  return `uploads/${eventId}/${imageId}`;
}

/** The ids in the name of an upload, or undefined for any other name. */
export function uploadOf(key: string): { readonly eventId: string; readonly imageId: string } | undefined {
  const [, eventId, imageId] = /^uploads\/(\w{26})\/(\w{26})$/.exec(key) ?? [];
  return eventId === undefined || imageId === undefined ? undefined : { eventId, imageId };
}

/** Where a picture lies. @param file such as `640.webp` */
export function pictureKey(imageId: string, file: string): string {
  return `pictures/${imageId}/${file}`;
}

/** Where a picture lies that another has taken the place of, until the bucket deletes it. */
export function replacedKey(imageId: string, file: string): string {
  return `replaced/${imageId}/${file}`;
}

/** Waits for an upload; the picture that is there stays until it has come and is good. */
export function planUpload(
  { status }: EventDetails,
  imageId: string,
  now: Instant,
): Result<Decision | Unchanged, Problem> {
  if (!isEditable(status)) return err(notEditable());
  const imageUpload = { imageId, state: 'WAITING', since: now };
  return ok({ raises: eventEdited.name, changes: { imageUpload, changed: ['imageUpload'] } });
}

/** What was made of an upload: pictures, or the reason why not. */
export type UploadOutcome =
  | { readonly image: Omit<NonNullable<EventDetails['image']>, 'imageId'> }
  | { readonly reason: string };

/** Takes in what became of an upload; of one that nobody waits for any more, nothing. */
export function planImage(
  { imageUpload, image: shown }: EventDetails,
  imageId: string,
  outcome: UploadOutcome,
  now: Instant,
): Decision | Unchanged {
  if (imageUpload?.imageId !== imageId || imageUpload.state !== 'WAITING') return 'UNCHANGED';
  if ('reason' in outcome) {
    const refused = { imageId, state: 'REFUSED', since: now, reason: outcome.reason };
    return { raises: eventEdited.name, changes: { imageUpload: refused, changed: ['imageUpload'] } };
  }
  const ready = { imageId, state: 'READY', since: now };
  const image = { imageId, ...outcome.image };
  return { raises: eventEdited.name, changes: { image, formerImage: shown, imageUpload: ready, changed: ['image'] } };
}

/** The file names of all pictures of an image. */
export function filesOf({ widths }: NonNullable<EventDetails['image']>): readonly string[] {
  return widths.flatMap((width) => [`${width}.webp`, `${width}.jpg`]);
}

/** Whether an upload should have become pictures by now: it never came, or nobody could say what is wrong with it. */
export function isLost({ state, since }: NonNullable<EventDetails['imageUpload']>, now: Instant): boolean {
  return state === 'WAITING' && now >= since + UPLOAD_WITHIN_MS + MADE_WITHIN_MS;
}

/** How long an address to upload to is good. */
export const UPLOAD_WITHIN_MS = 15 * MINUTE;
/** Lambda tries three times, with a minute and then two in between, for two minutes each at most. */
const MADE_WITHIN_MS = 10 * MINUTE;
