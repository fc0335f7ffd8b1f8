/** Where snapshots of the index are kept. */
export interface Snapshots {
  /** The bytes of a snapshot. @throws when they cannot be had */
  read(name: string): Promise<Uint8Array>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Every snapshot there is, and when it was written (milliseconds since the epoch). */
  list(): Promise<readonly { readonly name: string; readonly writtenAt: number }[]>;
  remove(name: string): Promise<void>;
}
