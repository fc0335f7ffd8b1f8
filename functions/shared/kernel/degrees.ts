import * as z from 'zod/mini';

/** A centimetre on the ground; DynamoDB takes no number nearer to zero than 1E-130. */
const STEPS_PER_DEGREE = 10_000_000;

/** A coordinate in degrees (WGS 84) from -`most` to `most`, rounded to a centimetre. */
export function degrees(most: 90 | 180): z.ZodMiniNumber {
  return z.number().check(
    z.minimum(-most),
    z.maximum(most),
    // Added to zero, so that there is no -0.
    z.overwrite((given) => Math.round(given * STEPS_PER_DEGREE) / STEPS_PER_DEGREE + 0),
  );
}
