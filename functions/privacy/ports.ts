/** Who has been erased, kept apart from the table: a table that is restored from a backup does not know. */
export interface ErasureRegister {
  /** Notes that `userId` is to stay erased; twice is once. @throws when it cannot be kept */
  note(userId: string): Promise<void>;
}

/** Printed tickets, kept apart from the table as well. */
export interface KeptDocuments {
  /** Removes all that `userId` holds. @throws when they cannot be removed now */
  forget(userId: string): Promise<void>;
}
