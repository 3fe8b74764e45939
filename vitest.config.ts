import { defineConfig } from 'vitest/config'
import { k6InNode } from './scenarios/in-node/alias.ts'
import { workers } from './tests/workers.ts'

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: k6InNode },
        test: {
          name: 'unit',
          // Vitest leaves one of the processors alone: of two that is half of them.
          maxWorkers: '100%',
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
          // Each starts real servers, in the folders of its worker.
          maxWorkers: workers,
          globalSetup: 'tests/places.ts',
          setupFiles: 'tests/own-place.ts',
          sequence: { groupOrder: 1 },
          // A hang ends, too; a busy machine takes ten times as long as a quiet one.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          // What keeps all processors busy itself, or looks at shares of time.
          name: 'end-to-end-alone',
          include: ['tests/alone/*.test.ts'],
          fileParallelism: false,
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['tests/faults/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'browser',
          maxWorkers: '100%',
          sequence: { groupOrder: 3 },
          include: ['tests/browser/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
