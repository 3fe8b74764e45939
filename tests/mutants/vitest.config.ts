import { defineConfig } from 'vitest/config'

/** The tests of one room alone: what stands in a room is to be held by the tests beside it. */
export default defineConfig({
  test: { include: [`${process.env.MUTANTS_OF ?? '*'}/**/*.test.ts`], testTimeout: 60_000 },
})
