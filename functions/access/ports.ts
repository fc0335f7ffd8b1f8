/** The organisation that an event belongs to, or undefined where there is no such event. */
export type OrganizationOf = (eventId: string) => Promise<string | undefined>;
