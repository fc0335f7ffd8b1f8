import { availableParallelism } from 'node:os';

/**
 * Files that run at once where tests wait for emulators much of their time. Of two cores, vitest would leave one to itself.
 */
export const WORKERS = Math.max(2, availableParallelism() - 1);
