import { defineConfig } from 'vitest/config'
import { k6InNode } from './scenarios/in-node/alias.ts'

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: k6InNode },
        test: {
          name: 'unit',
          // Some start processes, which takes seconds on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: [
            '{bench,build,cli,datasets,examples,gap,report,targets,scenarios,workload}/**/*.test.ts',
            'tests/mutants/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'end-to-end',
          include: ['tests/*.test.ts'],
          // They share one checkout's data folders, and each starts real servers.
          fileParallelism: false,
          // A hang ends, too; a busy machine takes ten times as long as a quiet one.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
