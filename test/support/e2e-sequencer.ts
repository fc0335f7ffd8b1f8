import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Runs files by name, but the look at permissions last: it judges what all the others used. */
export class EndToEndSequencer extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): string => `${moduleId.includes('permissions') ? 1 : 0}${moduleId}`;
    return Promise.resolve(files.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1)));
  }
}
