/** Rotation of a key ring, for `npm run setup -- --rotate`. */
import { SetupError } from './errors.ts';
import { parseRing, rotateRing } from './key-ring.ts';
import { readSecret, replaceSecret } from './parameters.ts';
import type { Context } from './plan.ts';

/**
 * Gives the key ring `leaf` (such as `origin-keys`) a new current key. What was made with the one before goes
 * on working until the next rotation.
 *
 * @throws SetupError when the stage keeps no such ring
 */
export async function rotateKeys(context: Context, leaf: string): Promise<void> {
  const rings = context.input.secrets.filter(({ kind }) => kind === 'key-ring');
  const spec = rings.find(({ name }) => name.endsWith(`/${leaf}`));
  if (spec === undefined) {
    const names = rings.map(({ name }) => name.split('/').at(-1)).join(', ');
    throw new SetupError(`There is no key ring ${leaf}. Key rings: ${names}.`);
  }
  const value = await readSecret(context, spec.name);
  if (value === undefined) throw new SetupError(`There is no parameter ${spec.name} yet: run setup first.`);
  const next = rotateRing(parseRing(value));
  for (const key of Object.values(next.keys)) context.redactor.hide(key);
  await replaceSecret(context, spec.name, JSON.stringify(next), spec.purpose);
  context.print(`${spec.name}: key ${next.current} is current, ${Object.keys(next.keys).length} keys are live.`);
  if (spec.name === context.input.originKey.secret) {
    context.print(`The functions take it in a minute at most; then: npm run deploy -- --stage ${context.input.stage}`);
  }
}
