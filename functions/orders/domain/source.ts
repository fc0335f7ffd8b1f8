/** What the body of an order names. */
interface Source {
  readonly ticketTypeId?: string | undefined;
  readonly quantity?: number | undefined;
}

/** The tickets that are ordered at once; none where a reservation is. */
export function wishIn({ ticketTypeId, quantity }: Source): readonly {
  readonly ticketTypeId: string;
  readonly quantity: number;
}[] {
  return ticketTypeId === undefined || quantity === undefined ? [] : [{ ticketTypeId, quantity }];
}
