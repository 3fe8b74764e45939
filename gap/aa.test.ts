import { expect, test, vi } from 'vitest'
import { aaRows, aaSeries } from './aa.ts'
import { sampleMeasurement } from './fixture.ts'
import { gapsOf } from './verdict.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

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

const gapsAt = (low: number, high: number, clients = 1) => {
  const ratio = { median: (low + high) / 2, low, high, pairs: 12 }
  return [{ key: 'a', clients, tps: ratio, mean: ratio, p50: ratio, p95: ratio, p99: ratio }]
}

test.each([
  [0.9, 1, true],
  [1, 1.1, true],
  [0.9, 1.1, true],
  [1.0001, 1.1, false],
  [0.9, 0.9999, false],
])('from %f to %f, with the ends: %s', (low, high, holds) => {
  const [row] = aaRows(gapsAt(low, high))
  expect(row?.holds).toBe(holds)
  expect(row?.halfWidth).toBeCloseTo((high - low) / 2, 12)
})

test('each number of clients has runs of its own', () => {
  const run = (low: number) => [...aaRows(gapsAt(low, 1.2)), ...aaRows(gapsAt(1.1, 1.2, 20))]
  const series = aaSeries([run(0.8), run(0.9), run(1.1)])
  expect(series.map(({ clients, figure, held }) => [clients, figure, held])).toEqual([
    ...['TPS', 'p50', 'p95', 'p99'].map((figure) => [1, figure, 2]),
    ...['TPS', 'p50', 'p95', 'p99'].map((figure) => [20, figure, 0]),
  ])
  expect(series[0]?.runs.map(({ low }) => low)).toEqual([0.8, 0.9, 1.1])
  expect(series[0]?.halfWidth).toBeCloseTo(0.15, 12)
})

test('no run, no row', () => {
  expect(aaSeries([])).toEqual([])
})
