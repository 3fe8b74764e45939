import { defineConfig } from 'vitest/config'
import { k6InNode } from '../../scenarios/in-node/alias.ts'

/** The tests of one room alone: what stands in a room is to be held by the tests beside it. */
export default defineConfig({
  resolve: { alias: k6InNode },
  test: { include: [`${process.env.MUTANTS_OF ?? '*'}/**/*.test.ts`], testTimeout: 60_000 },
})
