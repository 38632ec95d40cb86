import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**', '**/.teko/**'];
/** They load both cores themselves, or measure memory or time. */
const alone = ['swarm', 'load', 'cancel'].map((name) => `apps/e2e/src/${name}.e2e-spec.ts`);

/* Time limits end a test that hangs; how fast Teko is, is measured by the benchmark. */
export default defineConfig({
  test: {
    globalSetup: 'tools/test-run/global-setup.mjs',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,libs,tools}/**/*.spec.{ts,tsx}'],
          exclude,
          setupFiles: ['reflect-metadata'],
          // A module is imported once for all files of a worker, which halves the cost; tests leave no state in one.
          isolate: false,
          unstubEnvs: true,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'int',
          include: ['{apps,libs,tools}/**/*.int-spec.ts'],
          exclude,
          setupFiles: ['reflect-metadata'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['apps/e2e/**/*.e2e-spec.ts'],
          exclude: [...exclude, ...alone],
          setupFiles: ['reflect-metadata'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // They wait for timers and intervals half of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: alone,
          exclude,
          setupFiles: ['reflect-metadata'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
