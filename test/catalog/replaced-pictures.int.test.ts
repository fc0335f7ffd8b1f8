import { afterAll, beforeAll, expect, it } from 'vitest';

import { takeUpload } from '../../functions/catalog/app/take-upload.ts';
import { showImage, uploadImage } from '../../functions/catalog/app/upload-image.ts';
import { uploadKey } from '../../functions/catalog/domain/images.ts';
import type { ObjectStore } from '../../functions/catalog/pictures/store.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import { somePng } from '../support/pictures.ts';
import { startCatalog, type CatalogWorld } from './catalog-world.ts';

let world: CatalogWorld;
const objects = new Map<string, Uint8Array<ArrayBuffer>>();
/** Called before each change of the bucket; what it throws kills who changes it. */
let before = (_what: string): void => undefined;

const bucket: ObjectStore = {
  read: async (key) => objects.get(key),
  write: async (key, bytes) => {
    before(`write ${key}`);
    objects.set(key, new Uint8Array(bytes));
  },
  remove: async (key) => {
    before(`remove ${key}`);
    objects.delete(key);
  },
};
const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

/** Uploads a picture of an event. @returns its id, and the upload's key */
async function sendPicture(eventId: string): Promise<{ readonly imageId: string; readonly key: string }> {
  const event = await findEvent(world.db.table, eventId);
  if (event === undefined) throw new Error('The event is gone');
  const sign = async (): Promise<{ url: string; headers: object & Record<string, string>; withinSeconds: number }> => ({
    url: '',
    headers: {},
    withinSeconds: 1,
  });
  const begun = await uploadImage(
    { table: world.db.table, sign },
    event,
    { contentType: 'image/png', bytes: 1 },
    occasion,
  );
  if (!begun.ok) throw new Error(begun.error.code);
  const { imageId } = begun.value;
  const key = uploadKey(eventId, imageId);
  objects.set(key, somePng(400, 300));
  return { imageId, key };
}

const take = (key: string): Promise<string> => takeUpload({ table: world.db.table, objects: bucket }, key, occasion);
const keysOf = (imageId: string): readonly string[] =>
  [...objects.keys()].filter((key) => key.includes(imageId)).map((key) => key.replace(imageId, '*'));
const seen = async (imageId: string): Promise<boolean> => (await showImage(bucket, { imageId, file: '320.jpg' })).ok;

it('a picture that is replaced is seen by who still names it, and put where the bucket deletes it after a time', async () => {
  const { id } = await world.draft();
  const first = await sendPicture(id);
  expect(await take(first.key)).toBe('READY');
  const files = ['320.webp', '320.jpg', '400.webp', '400.jpg'];
  expect(keysOf(first.imageId).toSorted()).toEqual(files.map((file) => `pictures/*/${file}`).toSorted());
  const second = await sendPicture(id);
  // At every moment of the move somebody asks for the former picture.
  const looks: Promise<boolean>[] = [];
  before = () => void looks.push(seen(first.imageId));
  expect(await take(second.key)).toBe('READY');
  before = () => undefined;
  expect(keysOf(first.imageId).toSorted()).toEqual(files.map((file) => `replaced/*/${file}`).toSorted());
  expect(keysOf(second.imageId)).toHaveLength(4);
  expect([new Set(await Promise.all(looks)), looks.length > 8]).toEqual([new Set([true]), true]);
});

it('is put aside by the next try, where one dies between any two changes of the bucket', async () => {
  const { id } = await world.draft();
  const first = await sendPicture(id);
  await take(first.key);
  const second = await sendPicture(id);
  let died = 0;
  for (let alive = 1; ; alive += 1) {
    let left = alive;
    before = () => {
      left -= 1;
      if (left === 0) throw new Error('killed');
    };
    const outcome = await take(second.key).catch(() => 'DIED');
    expect(await seen(first.imageId), `after ${alive} changes`).toBe(true);
    if (outcome !== 'DIED') break;
    died += 1;
  }
  before = () => undefined;
  expect(died).toBeGreaterThan(8);
  expect(keysOf(first.imageId).every((key) => key.startsWith('replaced/'))).toBe(true);
  expect(keysOf(second.imageId).every((key) => key.startsWith('pictures/'))).toBe(true);
  expect((await findEvent(world.db.table, id))?.image?.imageId).toBe(second.imageId);
});
