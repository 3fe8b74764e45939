import { defineConfig } from 'vitest/config'
import { k6InNode } from './scenarios/in-node/alias.ts'

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: k6InNode },
        test: {
          name: 'unit',
          include: [
            '{build,cli,datasets,examples,extension-sql,gap,report,targets,scenarios,workload}/**/*.test.ts',
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
          testTimeout: 240_000,
          hookTimeout: 240_000,
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
