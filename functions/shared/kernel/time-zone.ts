/**
 * Whether `name` is a time zone of the IANA database, links such as `Asia/Calcutta` included. Fixed offsets
 * are none: they know nothing of daylight saving (invariant I23 wants the zone itself).
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
