import { createHash } from 'node:crypto';

/**
 * The UUID that an object without one of its own is exported with: a function of its place, so that the
 * same plan is always exported the same (RFC 9562, version 8).
 */
export function derivedUuid(...place: readonly (string | number)[]): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['seating-plan', ...place]))
    .digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
