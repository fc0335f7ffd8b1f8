import { foldedName } from '../../shared/kernel/text.ts';
import type { EventDetails, TicketType } from './event.ts';

/**
 * The gates of an event at which tickets of a type are refused, by their folded names: those that lead to none of the
 * zones that the type opens. Its access level is one of them. A type with neither opens the whole place.
 *
 * @returns undefined where there are none
 */
export function gatesClosedTo(
  { gates = [] }: Pick<EventDetails, 'gates'>,
  { accessLevel, zones = [] }: Pick<TicketType, 'accessLevel' | 'zones'>,
): string[] | undefined {
  const opened = new Set([...zones, ...(accessLevel === undefined ? [] : [accessLevel])].map(foldedName));
  if (opened.size === 0) return undefined;
  const closed = gates.filter((gate) => !gate.zones.some((zone) => opened.has(foldedName(zone))));
  return closed.length === 0 ? undefined : closed.map(({ name }) => foldedName(name));
}
