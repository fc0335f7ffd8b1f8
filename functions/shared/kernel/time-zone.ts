/**
 * Whether `name` is a time zone of the IANA database as it is written there, links such as `Asia/Calcutta` included;
 * Intl would take it in any case of letters, calendars do not. Fixed offsets are none: they know nothing of daylight
 * saving (invariant I23 wants the zone itself).
 */
export function isTimeZone(name: string): boolean {
  if (!name.split('/').every((part) => /^[A-Z]/.test(part))) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
