import { expect, test } from 'vitest'
import { aaRows } from './aa.ts'
import { sampleMeasurement } from './sample.ts'
import { gapsOf } from './verdict.ts'

test('an interval around 1.00 holds it, one beside does not', () => {
  const rows = aaRows(gapsOf(sampleMeasurement([0.98, 1.01, 1.02, 0.99, 1, 1.01])))
  expect(rows.map(({ figure }) => figure)).toEqual(['TPS', 'p50', 'p95', 'p99'])
  expect(rows.every(({ holds }) => holds)).toBe(true)
  expect(rows[0]?.halfWidth).toBeCloseTo(0.02, 2)
  expect(aaRows(gapsOf(sampleMeasurement([1.1, 1.2, 1.3, 1.2, 1.1, 1.2]))).some(({ holds }) => holds)).toBe(
    false,
  )
})
