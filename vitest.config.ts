import { defineConfig } from 'vitest/config';

import { mutableConditions } from './test/mutants/plugin.ts';
import { binaryFiles } from './test/support/binary-files.ts';
import { EndToEndSequencer } from './test/support/e2e-sequencer.ts';
import { WORKERS } from './test/support/workers.ts';

/**
 * One project for each level of test, told by the file's suffix: `npx vitest run --project unit`.
 * What emulators a level needs is started once a run by its global setup.
 */
export default defineConfig({
  // Inherited by the projects that say `extends: true`: those whose tests load handlers.
  plugins: [binaryFiles()],
  test: {
    // Handlers under test stand behind no distribution; those that do set it themselves.
    env: {
      ORIGIN_KEYS_PARAMETER: '',
      PUBLIC_URL: 'https://onsale.test',
      // Asked for by handlers of which these tests use another part.
      CANCEL_EVENT_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:test',
      MAIL_QUEUE_URL: 'http://127.0.0.1:9/mail',
      NOTICES_PER_SECOND: '10',
      APPLE_PASS_KEY_PARAMETER: '/none',
      APPLE_PASS_CERTIFICATES_PARAMETER: '/none',
      // Nothing listens there: no test tells Apple anything.
      APPLE_PUSH_URL: 'http://127.0.0.1:9',
    },
    // Node would load the WebAssembly of the codecs by itself, and not as bytes.
    server: { deps: { inline: [/@jsquash/] } },
    sequence: { sequencer: EndToEndSequencer },
    projects: [
      {
        extends: true,
        // Pure tests share their modules: loading the SDK and the CDK anew for each file took most of the time.
        test: { name: 'unit', include: ['test/**/*.unit.test.ts'], isolate: false, testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: ['test/**/*.int.test.ts'],
          maxWorkers: WORKERS,
          globalSetup: ['test/support/start-dynamodb.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'workflow',
          include: ['test/**/*.workflow.test.ts'],
          globalSetup: ['test/support/start-dynamodb.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        plugins: [mutableConditions()],
        test: {
          name: 'sim',
          include: ['test/**/*.sim.test.ts'],
          maxWorkers: WORKERS,
          globalSetup: ['test/support/start-dynamodb.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [mutableConditions()],
        test: {
          name: 'prove',
          include: ['test/prove/*.prove.test.ts'],
          globalSetup: ['test/support/start-dynamodb.ts', 'test/support/start-faulty-system.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          globalSetup: ['test/support/start-faulty-system.ts'],
          // One running system for all files, and two cores: one file after the other, in a set order.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
