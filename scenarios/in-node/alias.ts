import path from 'node:path'

/** Imports of k6's modules, for vitest: `k6/x/clock` is x/clock.ts in this folder. */
export const k6InNode = [{ find: /^k6\//, replacement: `${import.meta.dirname}${path.sep}` }]
