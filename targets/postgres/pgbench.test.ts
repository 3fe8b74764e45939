import { expect, test } from 'vitest'
import { readPgbenchProgress } from './pgbench.ts'

const output = `pgbench (18.6)
progress: 1.0 s, 100.0 tps, lat 9.000 ms stddev 1.034, 1 failed
progress: 2.0 s, 0.0 tps, lat NaN ms stddev NaN, 0 failed
progress: 3.1 s, 4000.0 tps, lat 0.200 ms stddev 0.010, 2 failed
progress: 4.0 s, 2000.0 tps, lat 0.500 ms stddev 0.010, 0 failed
progress: 5.0 s, 9000.0 tps, lat 0.100 ms stddev 0.010, 4 failed
tps = 3020.0 (without initial connection time)
`

test('the seconds after the warm-up are those that count', () => {
  expect(readPgbenchProgress(output, 2, 4)).toEqual({ tps: 3000, meanMs: 0.3, failures: 2 })
  // A second without an answer is one of no queries.
  expect(readPgbenchProgress(output, 1, 3)).toEqual({ tps: 2000, meanMs: 0.2, failures: 2 })
})

test('no such second is no figure', () => {
  expect(() => readPgbenchProgress(output, 5, 7)).toThrow('pgbench reported no TPS from 5 s to 7 s')
  expect(() => readPgbenchProgress('nonsense', 0, 2)).toThrow('nonsense')
})
