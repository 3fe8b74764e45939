import { expect, test } from 'vitest'
import { aaRows, aaSeries } from './aa.ts'
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

test('of twenty runs nineteen must hold 1.00', () => {
  const good = aaRows(gapsOf(sampleMeasurement([0.98, 1.01, 1.02, 0.99, 1, 1.01])))
  const bad = aaRows(gapsOf(sampleMeasurement([1.1, 1.2, 1.3, 1.2, 1.1, 1.2])))
  const of = (misses: number) =>
    aaSeries(Array.from({ length: 20 }, (_, run) => (run < misses ? bad : good))).find(
      ({ figure }) => figure === 'TPS',
    )
  expect(of(0)).toMatchObject({ held: 20, enough: true })
  expect(of(1)).toMatchObject({ held: 19, enough: true })
  expect(of(2)).toMatchObject({ held: 18, enough: false })
  expect(of(1)?.runs).toHaveLength(20)
  expect(of(1)?.halfWidth).toBeCloseTo(good[0]?.halfWidth as number)
  expect(aaSeries([bad])[0]?.enough).toBe(false)
})
