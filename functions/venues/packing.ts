import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import type { SeatingPlan } from './domain/plan.ts';

/** Bytes of one part: an item of DynamoDB holds 400 KB, its key and names included. */
const PART_BYTES = 380 * 1024;
/** Past this a higher quality takes seconds for a few percent. */
const QUALITY = 6;
/** A plan of 100,000 seats unpacks to about 15 MB. */
const MOST_BYTES = 128 * 1024 * 1024;

/** The bytes that a plan is stored as: brotli of its JSON, in parts that each fit one item. */
export function packPlan(plan: SeatingPlan): readonly Uint8Array[] {
  const json = Buffer.from(JSON.stringify(plan));
  const packed = brotliCompressSync(json, {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: json.length },
  });
  const parts: Uint8Array[] = [];
  for (let start = 0; start < packed.length; start += PART_BYTES)
    parts.push(packed.subarray(start, start + PART_BYTES));
  return parts;
}

/** The plan that {@link packPlan} packed: our own bytes, found by their content's hash. @throws when some are missing */
export function unpackPlan(parts: readonly Uint8Array[]): SeatingPlan {
  const json = brotliDecompressSync(Buffer.concat(parts), { maxOutputLength: MOST_BYTES }).toString('utf8');
  const plan: SeatingPlan = JSON.parse(json);
  return plan;
}
