/** Every bound is judged, or told with the reason: none is left out without a word. */
import { expect, test, vi } from 'vitest'
import type { Thresholds } from './bounds.ts'
import { sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import { judge, type Training } from './verdict.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const thresholds: Thresholds = {
  postgres: [
    { maxLatencyMs: { p50: 1, max: 9 }, minTps: 10, maxFailureRate: 0.1 },
    { clients: 20, minTps: 10 },
  ],
  python: { maxLatencyMs: { mean: 5 }, minTps: 10, maxFailureRate: 0 },
  gap: { minLatencyRatio: { p50: 3, p99: 2 }, minTpsRatio: 3, minTrainingMemoryRatio: 1.5 },
  capacity: { minRatio: 2, postgres: { minRate: 100 } },
}
const training: Training = {
  postgres: { peakBytes: 1e6, seconds: 1 },
  python: { peakBytes: 2e6, seconds: 1 },
}
/** As the file is written, but for what other commands judge. */
const every = [
  'postgres[0].maxLatencyMs.p50',
  'postgres[0].maxLatencyMs.max',
  'postgres[0].minTps',
  'postgres.maxFailureRate',
  'postgres[1].minTps',
  'python.maxLatencyMs.mean',
  'python.minTps',
  'python.maxFailureRate',
  'gap.minLatencyRatio.p50',
  'gap.minLatencyRatio.p99',
  'gap.minTpsRatio',
  'gap.minTrainingMemoryRatio',
]

function told(measurement: Measurement, bounds = thresholds, costs: Training | undefined = training) {
  const { checks, notJudged } = judge(measurement, bounds, costs)
  const judged = new Set(checks.map(({ threshold }) => threshold))
  const left = Object.fromEntries(notJudged.map(({ threshold, why }) => [threshold, why]))
  return { judged, left, all: [...judged, ...Object.keys(left)].sort() }
}

test('a number of clients that was not measured', () => {
  const { left, all } = told(sampleMeasurement())
  expect(all).toEqual([...every].sort())
  expect(left).toEqual({ 'postgres[1].minTps': 'clients' })
})

test('a rate that was given: bounds of rates, and no others', () => {
  const measurement = sampleMeasurement()
  measurement.settings.rate = 100
  const { left, all } = told(measurement)
  expect(all).toEqual([...every].sort())
  expect(left).toEqual({
    ...{ 'postgres[0].minTps': 'rate', 'postgres[1].minTps': 'rate', 'python.minTps': 'rate' },
    'gap.minTpsRatio': 'rate',
  })
})

test('a training that was not measured', () => {
  const { left, all } = told(sampleMeasurement(), thresholds, {})
  expect(all).toEqual([...every].sort())
  expect(left).toEqual({ 'postgres[1].minTps': 'clients', 'gap.minTrainingMemoryRatio': 'training' })
})

test('a side that was not asked as it is declared, by itself and in the gap by pairs', () => {
  const measurement = sampleMeasurement()
  const [first] = measurement.workload.asked
  if (first) measurement.workload.asked.push({ ...first, key: 'postgres-simple' })
  measurement.settings.sides = ['postgres-simple', 'python']
  measurement.blocks = measurement.blocks.filter(({ key }) => key === 'python')
  measurement.pairs = []
  const { minTrainingMemoryRatio: _, ...gap } = thresholds.gap as Record<string, unknown>
  const { left } = told(measurement, {
    postgres: { minTps: 10 },
    python: { minTps: 10 },
    gap: { 'postgres/python': gap },
  })
  expect(left).toEqual({
    'postgres.minTps': 'sides',
    'gap.postgres/python.minLatencyRatio.p50': 'sides',
    'gap.postgres/python.minLatencyRatio.p99': 'sides',
    'gap.postgres/python.minTpsRatio': 'sides',
  })
})

test('nothing is told where nothing is bounded', () => {
  expect(told(sampleMeasurement(), {}).all).toEqual([])
  expect(told(sampleMeasurement(), { gap: {}, postgres: {} }).all).toEqual([])
})

test('where bounds are named and none is judged, nothing has passed', () => {
  const outcomeBy = (bounds: Thresholds) => judge(sampleMeasurement(), bounds).outcome
  expect(outcomeBy({ postgres: { clients: 77, minTps: 1 } })).toBe('undecided')
  expect(outcomeBy({ gap: { minTrainingMemoryRatio: 1.5 } })).toBe('undecided')
  // One that is judged is enough.
  expect(outcomeBy({ postgres: [{ minTps: 1 }, { clients: 77, minTps: 1 }] })).toBe('pass')
  // Who expects nothing of a comparison, or nothing at all, is not disappointed.
  expect(outcomeBy({ capacity: { postgres: { minRate: 100 } } })).toBe('pass')
  expect(outcomeBy({})).toBe('pass')
})
